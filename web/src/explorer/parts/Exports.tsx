// Takes the answer away in another tool's format.
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { ask, messageOf } from '../api';
import { download } from '../download';
import { graphql } from '../gql';
import type { ExportFormat } from '../gql/graphql';
import { variablesOf, type Question } from '../question';

const exportQuery = graphql(`
  query Export(
    $format: ExportFormat!
    $frameworks: [ID!]
    $stack: StackInput
    $view: ViewInput
    $filter: MappingFilter
    $scope: ScopeInput
    $rollUp: RollUp
  ) {
    export(format: $format, frameworks: $frameworks, stack: $stack, view: $view, filter: $filter, scope: $scope, rollUp: $rollUp) {
      fileName
      mediaType
      content
    }
  }
`);

const formats: [ExportFormat, string][] = [
  ['GAP_REPORT_HTML', 'Gap report (HTML)'],
  ['GAP_REPORT_MARKDOWN', 'Gap report (Markdown)'],
  ['NAVIGATOR_COVERAGE', 'Navigator layer: coverage'],
  ['NAVIGATOR_GAPS', 'Navigator layer: gaps'],
  ['COVERAGE_CSV', 'CSV: techniques'],
  ['GAPS_CSV', 'CSV: gaps'],
  ['MAPPINGS_CSV', 'CSV: mappings'],
  ['STIX', 'STIX 2.1'],
  ['OSCAL_PROFILE', 'OSCAL profile (NIST)'],
  ['UNIFIED_JSON', 'Mapping files (JSON)'],
];

export interface PictureExport {
  label: string;
  run: () => void | Promise<void>;
}

/** Makes files and hands them to the browser; says while it does, and what went wrong. */
export function useTaking() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem('');
    try {
      await work();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  /** The API's files of a format. */
  const take = (format: ExportFormat, question: Question) =>
    run(async () => {
      const { export: files } = await ask(exportQuery, { format, ...variablesOf(question) });
      for (const f of files) download(f.fileName, f.mediaType, f.content);
    });
  const trouble = problem && (
    <span role="alert" className="soft">
      {problem}
    </span>
  );
  return { busy, trouble, run, take };
}

export function Exports({ question, pictures = [] }: { question: Question; pictures?: PictureExport[] }) {
  const { busy, trouble, run, take } = useTaking();
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" loading={busy} leftSection={<IconDownload size={15} aria-hidden />} className="no-print">
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {pictures.map((p) => (
            <Menu.Item key={p.label} onClick={() => void run(async () => p.run())}>
              {p.label}
            </Menu.Item>
          ))}
          {pictures.length > 0 && <Menu.Divider />}
          {formats.map(([format, label]) => (
            <Menu.Item key={format} onClick={() => void take(format, question)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {trouble}
    </>
  );
}
