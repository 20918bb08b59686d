import { Anchor, Select } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { useAnswer } from '../api';
import { defends, useFrameworkName, useFrameworkOptions } from '../catalog';
import { graphql } from '../gql';
import { DataTable } from '../parts/DataTable';
import { Folded } from '../parts/Folded';
import { Heading } from '../parts/Heading';
import { evidenceColumns } from '../parts/Evidence';
import { Answered, Nothing } from '../parts/Faces';
import { Missing } from '../parts/Missing';
import { Prose } from '../parts/Prose';
import { QuestionBar } from '../parts/QuestionBar';
import { CapabilityLink, Count, FrameworkLink, TechniqueLink } from '../parts/Things';
import { behind, carried, useQuestion, viewOnly } from '../question';
import { idAndName, percent, words } from '../words';

const capabilityQuery = graphql(`
  query CapabilityPage($framework: ID!, $id: String!, $view: ViewInput, $filter: MappingFilter) {
    capability(framework: $framework, capabilityId: $id) {
      id
      capabilityId
      canonicalId
      name
      description
      baselines
      framework {
        frameworkId
        name
        kind
      }
      capabilityGroup {
        id
        name
      }
      nonMappable(view: $view) {
        comment
      }
      sets {
        id
        attackVersion
        frameworkVersion
      }
      mappings(view: $view, filter: $filter, first: 1000) {
        totalCount
        nodes {
          ...Evidence
          technique {
            attackId
            name
            tactics {
              name
            }
            weights {
              groups
              kev
            }
          }
        }
      }
    }
  }
`);

const similarQuery = graphql(`
  query SimilarTo($framework: ID!, $id: String!, $to: ID!, $view: ViewInput) {
    capability(framework: $framework, capabilityId: $id) {
      similar(to: $to, view: $view, first: 10) {
        to {
          capabilityId
          canonicalId
          name
          framework {
            frameworkId
          }
        }
        shared
        weighted
        fromContained
      }
    }
  }
`);

const pathsQuery = graphql(`
  query PathsOf($cve: String!, $verisId: String!, $kev: Boolean!, $frameworks: [ID!]!, $view: ViewInput) {
    vulnerability(cve: $cve, view: $view) @include(if: $kev) {
      techniques {
        ...Path
      }
    }
    incident(verisId: $verisId, view: $view) @skip(if: $kev) {
      techniques {
        ...Path
      }
    }
  }

  fragment Path on VulnerabilityTechnique {
    technique {
      attackId
      name
    }
    relations
    capabilities(frameworks: $frameworks) {
      framework {
        frameworkId
      }
      capabilityId
    }
  }
`);

export default function Capability() {
  const params = useParams();
  const framework = params['framework'] ?? '';
  const id = params['*'] ?? '';
  const { question, params: search } = useQuestion();
  const query = useAnswer(capabilityQuery, { framework, id, view: question.view, filter: question.filter });
  const keep = carried(search, viewOnly);
  return (
    <div className="page">
      <Answered query={query} title={id}>
        {({ capability: c }) =>
          !c ? (
            <Missing title={id}>
              No loaded mapping set of {framework} has a capability {id}.
            </Missing>
          ) : (
            <article>
              <p className="soft" style={{ margin: 0 }}>
                <FrameworkLink id={c.framework.frameworkId} name={c.framework.name} />
                {c.capabilityGroup && <> › {c.capabilityGroup.name}</>}
              </p>
              <Heading title={idAndName(c.capabilityId, c.name)}>
                <span className="id">{c.capabilityId}</span> {c.name}
              </Heading>
              <QuestionBar
                frameworks={!defends(c.framework.kind)}
                stack={false}
                rollUp={false}
                everything="NIST, AWS, Azure, Google Cloud"
              />
              {c.description && (
                <Folded height={140}>
                  <Prose text={c.description} />
                </Folded>
              )}
              <dl className="facts">
                {c.baselines.length > 0 && (
                  <>
                    <dt>Baselines</dt>
                    <dd>{c.baselines.join(', ')}</dd>
                  </>
                )}
                <dt>Mapping sets</dt>
                <dd>{c.sets.map((s) => s.id.replace('set:', '')).join(', ')}</dd>
                <dt>Graph</dt>
                <dd>
                  <Anchor component={Link} size="sm" to={behind(`/graph?node=${encodeURIComponent(c.id)}`, keep)}>
                    Show in the graph
                  </Anchor>
                </dd>
              </dl>
              {c.nonMappable && (
                <p role="note">
                  The mapping set declares it <strong>non-mappable</strong>
                  {c.nonMappable.comment && `: ${c.nonMappable.comment}`}
                </p>
              )}
              <h2>
                Techniques <Count>{c.mappings.totalCount}</Count>
              </h2>
              {c.mappings.totalCount === 0 && <Nothing>Nothing is mapped to it in this view with these filters.</Nothing>}
              {c.mappings.totalCount > 0 && (
                <DataTable
                  label="Mappings"
                  rows={c.mappings.nodes}
                  keyOf={(m) => m.id}
                  columns={[
                    {
                      title: 'technique',
                      cell: (m) => (
                        <>
                          <TechniqueLink id={m.technique.attackId} name={m.technique.name} />
                          {m.alignedFrom && <div className="soft">written for {m.alignedFrom}</div>}
                        </>
                      ),
                    },
                    { title: 'tactics', as: 'soft', cell: (m) => m.technique.tactics.map((t) => t.name).join(', ') },
                    { title: 'groups', as: 'number', cell: (m) => m.technique.weights.groups },
                    ...evidenceColumns(c.mappings.nodes),
                  ]}
                />
              )}
              {defends(c.framework.kind) ? (
                <Similar framework={c.framework.frameworkId} id={c.canonicalId} />
              ) : (
                <Paths kev={c.framework.kind === 'VULNERABILITY_CATALOG'} id={c.canonicalId} />
              )}
            </article>
          )
        }
      </Answered>
    </div>
  );
}

function Similar({ framework, id }: { framework: string; id: string }) {
  const { question, params, set } = useQuestion();
  const frameworks = useFrameworkOptions();
  const to = params.get('similar') ?? (framework === 'nist_800_53' ? 'aws' : 'nist_800_53');
  const query = useAnswer(similarQuery, { framework, id, to, view: question.view });
  const keep = carried(params, viewOnly);
  return (
    <section aria-label="Similar capabilities">
      <h2>Similar capabilities</h2>
      <Select
        size="xs"
        label="Of"
        w={220}
        mb="xs"
        allowDeselect={false}
        data={frameworks}
        value={to}
        onChange={(v) => set({ similar: v }, { replace: true })}
      />
      <Answered query={query}>
        {({ capability }) =>
          !capability?.similar.length ? (
            <Nothing>None maps a technique in common.</Nothing>
          ) : (
            <>
              <DataTable
                label="Similar capabilities"
                rows={capability.similar}
                keyOf={(s) => s.to.canonicalId}
                columns={[
                  {
                    title: 'capability',
                    cell: (s) => <CapabilityLink framework={s.to.framework.frameworkId} id={s.to.capabilityId} name={s.to.name ?? null} />,
                  },
                  { title: 'weighted', as: 'number', cell: (s) => s.weighted.toFixed(3) },
                  { title: 'in common', as: 'number', cell: (s) => s.shared },
                  { title: 'of this one’s', as: 'number', cell: (s) => percent(s.fromContained) },
                  {
                    title: 'side by side',
                    cell: (s) => (
                      <Anchor
                        component={Link}
                        size="sm"
                        to={behind(
                          `/compare?a=${encodeURIComponent(`${framework}/${id}`)}&b=${encodeURIComponent(`${s.to.framework.frameworkId}/${s.to.canonicalId}`)}`,
                          keep,
                        )}
                      >
                        compare
                      </Anchor>
                    ),
                  },
                ]}
              />
              <p className="soft">Inferred from the techniques that both map.</p>
            </>
          )
        }
      </Answered>
    </section>
  );
}

function Paths({ kev, id }: { kev: boolean; id: string }) {
  const { question } = useQuestion();
  const frameworks = question.frameworks.length > 0 ? question.frameworks : ['nist_800_53', 'aws', 'azure', 'gcp'];
  const nameOf = useFrameworkName();
  const query = useAnswer(pathsQuery, { cve: id, verisId: id, kev, frameworks, view: question.view });
  return (
    <section aria-label="From here to controls">
      <h2>From here to controls</h2>
      <p className="soft">Capabilities of {frameworks.map(nameOf).join(', ')} that are mapped to the same techniques.</p>
      <Answered query={query}>
        {(data) => {
          const techniques = (data.vulnerability ?? data.incident)?.techniques ?? [];
          if (techniques.length === 0) return <Nothing>No technique is mapped in this view.</Nothing>;
          return (
            <DataTable
              label="Techniques and controls"
              rows={techniques}
              keyOf={(t) => t.technique.attackId}
              columns={[
                { title: 'technique', cell: (t) => <TechniqueLink id={t.technique.attackId} name={t.technique.name} /> },
                { title: 'as', as: 'soft', cell: (t) => t.relations.map(words).join(', ') },
                ...frameworks.map((f) => ({
                  title: nameOf(f),
                  cell: (t: (typeof techniques)[number]) =>
                    t.capabilities
                      .filter((c) => c.framework.frameworkId === f)
                      .map((c) => (
                        <div key={c.capabilityId}>
                          <CapabilityLink framework={f} id={c.capabilityId} />
                        </div>
                      )),
                })),
              ]}
            />
          );
        }}
      </Answered>
    </section>
  );
}
