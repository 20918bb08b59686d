import { Anchor } from '@mantine/core';
import { Link, useParams, useSearchParams } from 'react-router';
import { useAnswer } from '../api';
import { graphql } from '../gql';
import type { TechniquePageQuery } from '../gql/graphql';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { Missing } from '../parts/Missing';
import { Folded } from '../parts/Folded';
import { Heading } from '../parts/Heading';
import { evidenceColumns } from '../parts/Evidence';
import { Prose } from '../parts/Prose';
import { QuestionBar } from '../parts/QuestionBar';
import { ActorList, CapabilityLink, Count, FrameworkLink, Outside, Score, State, TechniqueLink } from '../parts/Things';
import { behind, carried, useQuestion, viewOnly } from '../question';
import { idAndName, plural, words } from '../words';

const techniqueQuery = graphql(`
  query TechniquePage($id: String!, $view: ViewInput, $filter: MappingFilter) {
    technique(attackId: $id, view: $view) {
      id
      attackId
      name
      url
      domain
      attackVersion
      status
      description
      revokedBy {
        attackId
        name
      }
      tactics {
        attackId
        name
        shortName
      }
      platforms
      parent {
        attackId
        name
        subtechniques {
          attackId
          name
        }
      }
      subtechniques {
        attackId
        name
      }
      weights {
        groups
        software
        kev
        topTechniques
      }
      coverage(filter: $filter) {
        framework {
          frameworkId
          name
          kind
        }
        state
        reason
        capabilityCount
        mappingCount
        best {
          category
          value
        }
      }
      mappings(filter: $filter, first: 1000) {
        totalCount
        nodes {
          ...Evidence
          capability {
            framework {
              frameworkId
              name
            }
            capabilityId
            name
          }
        }
      }
      groups {
        attackId
        name
      }
      software {
        attackId
        name
      }
      campaigns {
        attackId
        name
      }
      mitigations {
        attackId
        name
        url
      }
      releases {
        release {
          version
          domain
        }
        status
        name
      }
    }
  }
`);

type Page = NonNullable<TechniquePageQuery['technique']>;
type Mapping = Page['mappings']['nodes'][number];

export default function Technique() {
  const { id = '' } = useParams();
  const { question } = useQuestion();
  const query = useAnswer(techniqueQuery, { id, view: question.view, filter: question.filter });
  return (
    <div className="page">
      <Answered query={query} title={id}>
        {({ technique }) =>
          technique ? (
            <Found technique={technique} />
          ) : (
            <Missing title={id}>
              ATT&amp;CK has no technique {id} in this release. Choose another release above, or search with Ctrl K.
            </Missing>
          )
        }
      </Answered>
    </div>
  );
}

function Found({ technique: t }: { technique: Page }) {
  const [params] = useSearchParams();
  const keep = carried(params, viewOnly);
  const byFramework = new Map<string, Mapping[]>();
  for (const m of t.mappings.nodes) {
    const list = byFramework.get(m.capability.framework.frameworkId) ?? [];
    list.push(m);
    byFramework.set(m.capability.framework.frameworkId, list);
  }
  return (
    <article>
      <p className="soft" style={{ margin: 0 }}>
        {t.parent ? (
          <>
            <TechniqueLink id={t.parent.attackId} name={t.parent.name} /> ›
          </>
        ) : (
          'Technique'
        )}
      </p>
      <Heading title={idAndName(t.attackId, t.name)}>
        <span className="id">{t.attackId}</span> {t.name}
      </Heading>
      {t.status !== 'ACTIVE' && (
        <p role="note">
          <strong>{words(t.status)}</strong>
          {t.revokedBy && (
            <>
              : its successor is <TechniqueLink id={t.revokedBy.attackId} name={t.revokedBy.name} />
            </>
          )}
        </p>
      )}
      <QuestionBar frameworks={false} stack={false} rollUp={false} />
      <div className="columns">
        <div>
          {t.description ? (
            <Folded height={190}>
              <Prose text={t.description} />
            </Folded>
          ) : (
            <p className="soft" style={{ marginTop: 0 }}>
              The facts edition has no descriptions. <Outside href={t.url}>attack.mitre.org</Outside> has.
            </p>
          )}
          <p>
            <Outside href={t.url}>{t.attackId} on attack.mitre.org</Outside> ·{' '}
            <Anchor component={Link} to={behind(`/graph?node=${encodeURIComponent(t.id)}`, keep)} size="sm">
              Show in the graph
            </Anchor>
          </p>
        </div>
        <dl className="facts">
          <dt>Tactics</dt>
          <dd>{t.tactics.map((x) => x.name).join(', ')}</dd>
          <dt>Platforms</dt>
          <dd>{t.platforms.join(', ')}</dd>
          <dt>Used by</dt>
          <dd>
            {plural(t.weights.groups, 'group')}, {plural(t.weights.software, 'piece', 'pieces')} of software
          </dd>
          <dt>Exploited CVEs</dt>
          <dd>{t.weights.kev}</dd>
          {t.weights.topTechniques != null && (
            <>
              <dt>Top techniques</dt>
              <dd>{t.weights.topTechniques.toFixed(2)}</dd>
            </>
          )}
          {t.subtechniques.length > 0 && (
            <>
              <dt>Sub-techniques</dt>
              <dd>
                {t.subtechniques.map((s) => (
                  <div key={s.attackId}>
                    <TechniqueLink id={s.attackId} name={s.name} />
                  </div>
                ))}
              </dd>
            </>
          )}
          {t.parent && t.parent.subtechniques.length > 1 && (
            <>
              <dt>Siblings</dt>
              <dd>
                {t.parent.subtechniques
                  .filter((s) => s.attackId !== t.attackId)
                  .map((s) => (
                    <div key={s.attackId}>
                      <TechniqueLink id={s.attackId} name={s.name} />
                    </div>
                  ))}
              </dd>
            </>
          )}
          <dt>Releases</dt>
          <dd>
            {t.releases.map((r, i) => (
              <span key={r.release.version}>
                {i > 0 && ', '}
                <Anchor
                  component={Link}
                  size="sm"
                  to={`/technique/${t.attackId}?v=${r.release.version}${r.release.domain === 'ENTERPRISE' ? '' : `&d=${r.release.domain}`}`}
                >
                  {r.release.version}
                </Anchor>
                {r.status !== 'ACTIVE' && ` (${words(r.status)})`}
              </span>
            ))}
          </dd>
        </dl>
      </div>

      <h2>Coverage</h2>
      <DataTable
        label="Coverage by framework"
        rows={t.coverage}
        keyOf={(c) => c.framework.frameworkId}
        columns={[
          { title: 'framework', cell: (c) => <FrameworkLink id={c.framework.frameworkId} name={c.framework.name} /> },
          { title: 'state', cell: (c) => <State state={c.state} reason={c.reason ?? null} /> },
          { title: 'capabilities', as: 'number', cell: (c) => c.capabilityCount },
          { title: 'mappings', as: 'number', cell: (c) => c.mappingCount },
          {
            title: 'best score',
            cell: (c) =>
              c.best.map((b) => (
                <div key={b.category}>
                  <Score category={b.category} value={b.value ?? null} />
                </div>
              )),
          },
        ]}
      />

      {t.mappings.totalCount > t.mappings.nodes.length && (
        <p role="note">
          The first {t.mappings.nodes.length} of {t.mappings.totalCount} mappings are shown.
        </p>
      )}
      {[...byFramework].map(([id, list]) => (
        <Mappings key={id} name={list[0]?.capability.framework.name ?? id} list={list} />
      ))}
      {t.mappings.totalCount === 0 && <Nothing>Nothing is mapped to this technique with these filters.</Nothing>}

      <h2>Who uses it</h2>
      <ActorList title="Groups" kind="group" list={t.groups} />
      <ActorList title="Software" kind="software" list={t.software} />
      <ActorList title="Campaigns" kind="campaign" list={t.campaigns} />
      {t.mitigations.length > 0 && (
        <>
          <h2>ATT&amp;CK’s own mitigations</h2>
          <p>
            {t.mitigations.map((m, i) => (
              <span key={m.attackId}>
                {i > 0 && ', '}
                <Outside href={m.url}>
                  {m.attackId} {m.name}
                </Outside>
              </span>
            ))}
          </p>
        </>
      )}
    </article>
  );
}

function Mappings({ name, list }: { name: string; list: Mapping[] }) {
  return (
    <section aria-label={`Mappings of ${name}`}>
      <h3>
        {name} <Count>{list.length}</Count>
      </h3>
      <DataTable
        label={`Mappings of ${name}`}
        rows={list}
        keyOf={(m) => m.id}
        columns={[
          {
            title: 'capability',
            cell: (m) => (
              <>
                <CapabilityLink
                  framework={m.capability.framework.frameworkId}
                  id={m.capability.capabilityId}
                  name={m.capability.name ?? null}
                />
                {m.alignedFrom && <div className="soft">written for {m.alignedFrom}</div>}
              </>
            ),
          },
          ...evidenceColumns(list),
        ]}
      />
    </section>
  );
}
