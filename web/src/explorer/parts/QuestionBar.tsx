// The question of a page: view, frameworks or stack, filters. It only reads and
// writes the address.
import { Badge, Button, Checkbox, Collapse, Group, MultiSelect, SegmentedControl, Select, SimpleGrid, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustments, IconX } from '@tabler/icons-react';
import { defends, leftOut, useCatalog, useScopeChoices } from '../catalog';
import type { Domain, StackInput } from '../gql/graphql';
import { categories, domains, levels, names, rollUps, scores, useQuestion, type Question } from '../question';
import { filterNames, useFilters, useSaid } from '../said';
import { domainName, words } from '../words';
import { baselines, StackEditor, tidy } from './StackEditor';

interface Parts {
  frameworks?: boolean;
  stack?: boolean;
  rollUp?: boolean;
  /** Told where nothing is chosen. */
  everything?: string;
}

export function QuestionBar({ frameworks = true, stack = true, rollUp = true, everything = 'every defence' }: Parts) {
  const { question, set } = useQuestion();
  const { data: catalog } = useCatalog();
  const [open, { toggle }] = useDisclosure(false);
  const domain: Domain = question.view.domain ?? 'ENTERPRISE';
  const releases = catalog?.dataset.releases.filter((r) => r.domain === domain) ?? [];
  const byDefault = releases.find((r) => r.isDefault)?.version ?? '';
  const versions = releases.map((r) => r.version).reverse();
  const active = useFilters();
  const said = useSaid(frameworks ? everything : null, stack);
  return (
    <>
      <p className="print-only">{said}</p>
      <section className="question no-print" aria-label="What is asked">
        <Group gap="sm" align="flex-end">
          <Select
            label="Domain"
            size="xs"
            w={130}
            allowDeselect={false}
            data={domains.map((d) => ({ value: d, label: domainName(d) }))}
            value={domain}
            onChange={(d) =>
              set({ [names.domain]: d === 'ENTERPRISE' ? null : d, [names.version]: null, [names.tactics]: null, [names.platforms]: null })
            }
          />
          <Select
            label="ATT&CK"
            size="xs"
            w={110}
            allowDeselect={false}
            data={versions}
            value={question.view.attackVersion ?? byDefault}
            onChange={(v) => set({ [names.version]: v === byDefault ? null : v })}
          />
          {stack && (
            <SegmentedControl
              size="xs"
              aria-label="Whose coverage"
              value={question.stack ? 'stack' : 'frameworks'}
              onChange={(mode) =>
                set(mode === 'stack' ? own(stackOfFrameworks(question.frameworks)) : ofFrameworks(question.stack?.frameworks ?? []))
              }
              data={[
                { value: 'frameworks', label: 'Frameworks' },
                { value: 'stack', label: 'My stack' },
              ]}
            />
          )}
          {frameworks && !(stack && question.stack) && (
            <MultiSelect
              label="Frameworks"
              size="xs"
              miw={240}
              flex={1}
              clearable
              searchable
              placeholder={question.frameworks.length ? '' : everything}
              data={(catalog?.frameworks ?? []).map((f) => ({
                value: f.frameworkId,
                label: f.name + (defends(f.kind) ? '' : ' (no defence)'),
              }))}
              value={question.frameworks}
              onChange={(list) => set({ [names.frameworks]: list.join(',') })}
            />
          )}
          {stack && question.stack && <StackEditor stack={question.stack} view={question.view} onChange={(s) => set(own(s))} />}
          <Button
            size="xs"
            variant={open ? 'light' : 'default'}
            leftSection={<IconAdjustments size={15} aria-hidden />}
            onClick={toggle}
            aria-expanded={open}
          >
            Filters{active.length > 0 ? ` (${active.length})` : ''}
          </Button>
        </Group>
        {active.length > 0 && (
          <div className="chips" style={{ marginTop: 8 }}>
            {active.map(({ name, said }) => (
              <Badge
                key={name}
                variant="light"
                color="blue"
                tt="none"
                rightSection={
                  <button type="button" className="chip-x" aria-label={`Without ${said}`} onClick={() => set({ [name]: null })}>
                    <IconX size={12} aria-hidden />
                  </button>
                }
              >
                {said}
              </Badge>
            ))}
            <Button size="compact-xs" variant="subtle" onClick={() => set(Object.fromEntries(filterNames.map((n) => [n, null])))}>
              without all
            </Button>
          </div>
        )}
        <Collapse expanded={open}>{open && <Filters rollUp={rollUp} baseline={stack} />}</Collapse>
      </section>
    </>
  );
}

/** The change of the address that asks for a stack, and for no frameworks beside it. */
const own = (stack: StackInput) => ({ [names.stack]: JSON.stringify(stack), [names.frameworks]: null });

const ofFrameworks = (frameworks: NonNullable<StackInput['frameworks']>) => ({
  [names.stack]: null,
  [names.frameworks]: frameworks.join(','),
});

/** What a stack begins with: the frameworks that were asked, or else the smallest baseline. */
const stackOfFrameworks = (frameworks: string[]): StackInput => (frameworks.length > 0 ? { frameworks } : { baselines: [{ name: 'LOW' }] });

/** What is asked once NIST's controls are only those of the baselines: a stack, unless nothing is left in it. */
function ofBaselines(question: Question, chosen: string[]) {
  const asked = question.stack ?? { frameworks: question.frameworks };
  const frameworks = (asked.frameworks ?? []).filter((f) => f !== 'nist_800_53');
  const stack = tidy({ ...asked, frameworks, baselines: chosen.map((name) => ({ name })) });
  return Object.keys(stack).length > 0 ? own(stack) : ofFrameworks([]);
}

function Filters({ rollUp, baseline }: { rollUp: boolean; baseline: boolean }) {
  const { question, set } = useQuestion();
  const { data } = useScopeChoices(question.view, true);
  const actors = (list: readonly { attackId: string; name: string }[] | undefined) =>
    (list ?? []).map((o) => ({ value: o.attackId, label: `${o.name} (${o.attackId})` }));
  const many = (name: string, label: string, choices: { value: string; label: string }[], value: string[], placeholder = 'any') => (
    <MultiSelect
      label={label}
      size="xs"
      searchable
      clearable
      limit={60}
      placeholder={value.length ? '' : placeholder}
      data={choices}
      value={value}
      onChange={(list) => set({ [name]: list.join(',') })}
    />
  );
  const plain = (list: readonly string[]) => list.map((v) => ({ value: v, label: words(v) }));
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3, lg: 5 }} spacing="sm" mt="sm">
        {many(names.groups, 'Used by group' + leftOut(data?.groups), actors(data?.groups.nodes), question.scope.groups ?? [])}
        {many(
          names.software,
          'Used by software' + leftOut(data?.softwareList),
          actors(data?.softwareList.nodes),
          question.scope.software ?? [],
        )}
        {many(
          names.campaigns,
          'Used in campaign' + leftOut(data?.campaigns),
          actors(data?.campaigns.nodes),
          question.scope.campaigns ?? [],
        )}
        {many(
          names.tactics,
          'Tactic',
          (data?.tactics ?? []).map((t) => ({ value: t.shortName, label: t.name })),
          question.scope.tactics ?? [],
        )}
        {many(
          names.platforms,
          'Platform',
          (data?.coverage.byPlatform ?? []).map((p) => ({ value: p.platform, label: p.platform })),
          question.scope.platforms ?? [],
        )}
        {many(names.category, 'Score category', plain(categories), question.filter.categories ?? [])}
        <Select
          label="Score at least"
          size="xs"
          clearable
          placeholder="any"
          data={plain(scores)}
          value={question.filter.minScore ?? null}
          onChange={(v) => set({ [names.minScore]: v })}
        />
        <Select
          label="Level"
          size="xs"
          allowDeselect={false}
          data={plain(levels)}
          value={question.scope.level ?? 'ALL'}
          onChange={(v) => set({ [names.level]: v === 'ALL' ? null : v })}
        />
        {baseline && (
          <MultiSelect
            label="NIST SP 800-53 baseline"
            size="xs"
            clearable
            placeholder={question.stack?.baselines?.length ? '' : 'any'}
            data={baselines}
            value={(question.stack?.baselines ?? []).map((b) => b.name)}
            onChange={(list) => set(ofBaselines(question, list))}
          />
        )}
        {rollUp && (
          <Select
            label="Roll-up"
            size="xs"
            allowDeselect={false}
            data={plain(rollUps)}
            value={question.rollUp}
            onChange={(v) => set({ [names.rollUp]: v === 'NONE' ? null : v })}
          />
        )}
      </SimpleGrid>
      <Group mt="sm" gap="lg">
        <Checkbox
          size="xs"
          label="Only techniques that known exploited vulnerabilities map to"
          checked={question.scope.kevOnly ?? false}
          onChange={(e) => set({ [names.kev]: e.currentTarget.checked ? '1' : null })}
        />
        <Checkbox
          size="xs"
          label="Let mappings without a score pass"
          checked={question.filter.includeUnscored ?? false}
          onChange={(e) => set({ [names.unscored]: e.currentTarget.checked ? '1' : null })}
        />
        <Text size="xs" className="soft">
          Each filter keeps what any of its entries names; all together must hold.
        </Text>
      </Group>
    </>
  );
}
