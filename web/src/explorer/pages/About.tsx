import { useAnswer } from '../api';
import { graphql } from '../gql';
import { Answered } from '../parts/Faces';
import { Count, FrameworkLink } from '../parts/Things';
import { count, plural, stateNames, words } from '../words';

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
      <h1>About the data</h1>
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
              <div className="table-scroll" style={{ maxHeight: 560 }} tabIndex={0} role="region" aria-label="Files">
                <table className="data">
                  <thead>
                    <tr>
                      <th>file</th>
                      <th>kind</th>
                      <th className="n">rows</th>
                      <th className="n">mapped</th>
                      <th className="n">duplicates</th>
                      <th className="n">references mended</th>
                      <th>notes</th>
                    </tr>
                  </thead>
                  <tbody>
                    {d.importReport.files.map((f) => (
                      <tr key={f.path}>
                        <td className="path">{f.path}</td>
                        <td className="soft">{words(f.kind)}</td>
                        <td className="n">{count(f.rows)}</td>
                        <td className="n">{count(f.mapped)}</td>
                        <td className="n">{f.exactDuplicates || ''}</td>
                        <td className="n">{f.malformedReferences || ''}</td>
                        <td>
                          {f.error && <strong role="note">refused: {f.error}</strong>}
                          {f.lifted.length + f.unresolved.length + f.notes.length > 0 && (
                            <details>
                              <summary>
                                {[
                                  f.lifted.length && plural(f.lifted.length, 'id lifted', 'ids lifted'),
                                  f.unresolved.length && plural(f.unresolved.length, 'id without a place', 'ids without a place'),
                                  f.notes.length && plural(f.notes.length, 'note'),
                                ]
                                  .filter(Boolean)
                                  .join(', ')}
                              </summary>
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
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
            <section aria-label="Mapping sets">
              <h2>
                Mapping sets <Count>{d.sets.length}</Count>
              </h2>
              <div className="table-scroll" style={{ maxHeight: 480 }} tabIndex={0} role="region" aria-label="Sets">
                <table className="data">
                  <thead>
                    <tr>
                      <th>framework</th>
                      <th>version</th>
                      <th>ATT&amp;CK</th>
                      <th>domain</th>
                      <th className="n">capabilities</th>
                      <th className="n">mappings</th>
                      <th className="n">techniques</th>
                      <th>updated</th>
                    </tr>
                  </thead>
                  <tbody>
                    {d.sets.map((s) => (
                      <tr key={s.id}>
                        <td>
                          <FrameworkLink id={s.framework.frameworkId} name={s.framework.name} />
                        </td>
                        <td>{s.frameworkVersion}</td>
                        <td>{s.attackVersion}</td>
                        <td>{words(s.domain)}</td>
                        <td className="n">{count(s.capabilityCount)}</td>
                        <td className="n">{count(s.mappingCount)}</td>
                        <td className="n">{count(s.techniqueCount)}</td>
                        <td className="soft">{s.updated}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
            <section aria-label="ATT&CK releases">
              <h2>
                ATT&amp;CK releases <Count>{d.releases.length}</Count>
              </h2>
              <div className="table-scroll" style={{ maxHeight: 380 }} tabIndex={0} role="region" aria-label="Releases">
                <table className="data">
                  <thead>
                    <tr>
                      <th>release</th>
                      <th className="n">techniques</th>
                      <th className="n">of them sub-techniques</th>
                      <th className="n">groups</th>
                      <th className="n">software</th>
                      <th className="n">campaigns</th>
                    </tr>
                  </thead>
                  <tbody>
                    {d.releases.map((r) => (
                      <tr key={r.id}>
                        <td>
                          {words(r.domain)} {r.version}
                          {r.isDefault && ' (asked by default)'}
                        </td>
                        <td className="n">{count(r.techniqueCount)}</td>
                        <td className="n">{count(r.subtechniqueCount)}</td>
                        <td className="n">{count(r.groupCount)}</td>
                        <td className="n">{count(r.softwareCount)}</td>
                        <td className="n">{count(r.campaignCount)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
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
