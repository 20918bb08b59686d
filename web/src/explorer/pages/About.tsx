import { useAnswer } from '../api';
import { graphql } from '../gql';
import { DataTable } from '../parts/DataTable';
import { Heading } from '../parts/Heading';
import { Answered } from '../parts/Faces';
import { Count, FrameworkLink } from '../parts/Things';
import type { AboutPageQuery } from '../gql/graphql';
import { count, domainName, plural, stateNames, words } from '../words';

const aboutQuery = graphql(`
  query AboutPage {
    dataset {
      generation
      loadedAt
      edition
      counts {
        releases
        frameworks
        sets
        capabilities
        mappings
        techniques
      }
      releases {
        id
        domain
        version
        isDefault
        techniqueCount
        subtechniqueCount
        groupCount
        softwareCount
        campaignCount
      }
      sets {
        id
        framework {
          frameworkId
          name
        }
        frameworkVersion
        attackVersion
        domain
        capabilityCount
        mappingCount
        techniqueCount
        updated
      }
      importReport {
        rows
        mapped
        nonMappableCapabilities
        nonMappableTechniques
        incomplete
        exactDuplicates
        refused
        files {
          path
          kind
          rows
          mapped
          exactDuplicates
          malformedReferences
          lifted {
            from
            to
            rows
          }
          unresolved {
            from
            reason
            rows
          }
          notes {
            code
            message
            count
          }
          error
        }
      }
    }
  }
`);

export default function About() {
  const query = useAnswer(aboutQuery, {});
  return (
    <div className="page">
      <Heading>About the data</Heading>
      <section aria-label="What coverage does not mean">
        <h2>What coverage does not mean</h2>
        <p className="lead">
          <strong>Mapped</strong> means that somebody tied a capability to a technique. It does not mean that the technique is prevented or
          even noticed, that the capability is switched on, or that the mapping is complete. Mappings are judgements; they age, they differ
          in how strict their authors were, and a count of them measures effort as much as protection. Read the comments and references
          before you rely on a cell.
        </p>
        <p className="lead">
          What is not mapped is told apart: <strong>{stateNames.NON_MAPPABLE}</strong> (the mappings say that it cannot be),{' '}
          <strong>{stateNames.BELOW_THRESHOLD}</strong> (mapped, but not as the filter asks), and <strong>{stateNames.UNASSESSED}</strong>,
          with the reason. Technique ids are aligned to the release of the view; a mapping without a place in it counts for nothing and is
          listed.
        </p>
      </section>
      <Answered query={query} what="Reading the import report">
        {({ dataset: d }) => (
          <>
            <section aria-label="This dataset">
              <h2>This dataset</h2>
              <dl className="facts">
                <dt>Edition</dt>
                <dd>
                  {d.edition === 'FACTS'
                    ? 'facts: ids, names, relations, scores and links, without descriptions and comments; mapgraph fetch gets the rest'
                    : 'full: loaded from files'}
                </dd>
                <dt>Generation</dt>
                <dd className="path">{d.generation}</dd>
                <dt>Loaded</dt>
                <dd>{new Date(d.loadedAt).toLocaleString('en')}</dd>
                <dt>Holds</dt>
                <dd>
                  {plural(d.counts.mappings, 'mapping')} of {plural(d.counts.capabilities, 'capability', 'capabilities')} in{' '}
                  {plural(d.counts.sets, 'set')} of {plural(d.counts.frameworks, 'framework')},{' '}
                  {plural(d.counts.releases, 'ATT&CK release')}
                </dd>
              </dl>
            </section>
            <section aria-label="Import report">
              <h2>Import report</h2>
              <p>
                {count(d.importReport.rows)} rows: {count(d.importReport.mapped)} mapped, {count(d.importReport.nonMappableCapabilities)}{' '}
                non-mappable capabilities, {count(d.importReport.nonMappableTechniques)} non-mappable techniques,{' '}
                {count(d.importReport.incomplete)} incomplete; {count(d.importReport.exactDuplicates)} exact duplicates merged,{' '}
                {plural(d.importReport.refused, 'file')} refused.
              </p>
              <DataTable
                label="Files"
                height={560}
                rows={d.importReport.files}
                keyOf={(f) => f.path}
                columns={[
                  { title: 'file', as: 'path', cell: (f) => f.path },
                  { title: 'kind', as: 'soft', cell: (f) => words(f.kind) },
                  { title: 'rows', as: 'number', cell: (f) => count(f.rows) },
                  { title: 'mapped', as: 'number', cell: (f) => count(f.mapped) },
                  { title: 'duplicates', as: 'number', cell: (f) => f.exactDuplicates || '' },
                  { title: 'references mended', as: 'number', cell: (f) => f.malformedReferences || '' },
                  { title: 'notes', cell: (f) => <Notes file={f} /> },
                ]}
              />
            </section>
            <section aria-label="Mapping sets">
              <h2>
                Mapping sets <Count>{d.sets.length}</Count>
              </h2>
              <DataTable
                label="Sets"
                height={480}
                rows={d.sets}
                keyOf={(s) => s.id}
                columns={[
                  { title: 'framework', cell: (s) => <FrameworkLink id={s.framework.frameworkId} name={s.framework.name} /> },
                  { title: 'version', cell: (s) => s.frameworkVersion },
                  { title: 'ATT&CK', cell: (s) => s.attackVersion },
                  { title: 'domain', cell: (s) => domainName(s.domain) },
                  { title: 'capabilities', as: 'number', cell: (s) => count(s.capabilityCount) },
                  { title: 'mappings', as: 'number', cell: (s) => count(s.mappingCount) },
                  { title: 'techniques', as: 'number', cell: (s) => count(s.techniqueCount) },
                  { title: 'updated', as: 'soft', cell: (s) => s.updated },
                ]}
              />
            </section>
            <section aria-label="ATT&CK releases">
              <h2>
                ATT&amp;CK releases <Count>{d.releases.length}</Count>
              </h2>
              <DataTable
                label="Releases"
                height={380}
                rows={d.releases}
                keyOf={(r) => r.id}
                columns={[
                  { title: 'release', cell: (r) => `${domainName(r.domain)} ${r.version}${r.isDefault ? ' (asked by default)' : ''}` },
                  { title: 'techniques', as: 'number', cell: (r) => count(r.techniqueCount) },
                  { title: 'of them sub-techniques', as: 'number', cell: (r) => count(r.subtechniqueCount) },
                  { title: 'groups', as: 'number', cell: (r) => count(r.groupCount) },
                  { title: 'software', as: 'number', cell: (r) => count(r.softwareCount) },
                  { title: 'campaigns', as: 'number', cell: (r) => count(r.campaignCount) },
                ]}
              />
            </section>
          </>
        )}
      </Answered>
      <section aria-label="Notices">
        <h2>Notices</h2>
        <p className="lead">
          © 2015-2025, The MITRE Corporation. ATT&amp;CK is reproduced and distributed with the permission of The MITRE Corporation. MITRE
          ATT&amp;CK and ATT&amp;CK are registered trademarks of The MITRE Corporation. The mappings and the Top ATT&amp;CK Techniques list
          are works of the Center for Threat-Informed Defense under the Apache License 2.0. NIST SP 800-53 is a work of the National
          Institute of Standards and Technology. None of these organizations endorses mapgraph.
        </p>
      </section>
    </div>
  );
}

function Notes({ file: f }: { file: AboutPageQuery['dataset']['importReport']['files'][number] }) {
  const parts = [
    f.lifted.length && plural(f.lifted.length, 'id lifted', 'ids lifted'),
    f.unresolved.length && plural(f.unresolved.length, 'id without a place', 'ids without a place'),
    f.notes.length && plural(f.notes.length, 'note'),
  ].filter(Boolean);
  return (
    <>
      {f.error && <strong role="note">refused: {f.error}</strong>}
      {parts.length > 0 && (
        <details>
          <summary>{parts.join(', ')}</summary>
          <ul>
            {f.lifted.map((l) => (
              <li key={l.from}>
                {l.from} → {l.to} ({plural(l.rows, 'row')})
              </li>
            ))}
            {f.unresolved.map((u) => (
              <li key={u.from}>
                {u.from}: {words(u.reason)} ({plural(u.rows, 'row')})
              </li>
            ))}
            {f.notes.map((n, i) => (
              <li key={i}>
                {n.message} ({count(n.count)})
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
