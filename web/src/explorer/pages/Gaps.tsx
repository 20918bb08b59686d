import { Button, Group, MultiSelect, Select } from '@mantine/core';
import { useAnswer } from '../api';
import { useFrameworkOptions } from '../catalog';
import { graphql } from '../gql';
import type { CoverageState, GapOrder, GapsPageQuery, StackInput, ThreatWeight } from '../gql/graphql';
import { Exports } from '../parts/Exports';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { GapTable } from '../parts/GapTable';
import { Heading } from '../parts/Heading';
import { QuestionBar } from '../parts/QuestionBar';
import { ShareBar, ShareKey } from '../parts/Shares';
import { CapabilityLink, Count } from '../parts/Things';
import { oneOf, split, useQuestion, variablesOf } from '../question';
import { useSaid } from '../said';
import { count, percent, plural, stateNames, words } from '../words';

const gapsQuery = graphql(`
  query GapsPage(
    $frameworks: [ID!]
    $stack: StackInput
    $view: ViewInput
    $filter: MappingFilter
    $scope: ScopeInput
    $rollUp: RollUp
    $orderBy: GapOrder
  ) {
    gaps(
      frameworks: $frameworks
      stack: $stack
      view: $view
      filter: $filter
      scope: $scope
      rollUp: $rollUp
      orderBy: $orderBy
      first: 1000
    ) {
      totalCount
      coverage {
        ...Tally
        byFramework {
          framework {
            frameworkId
            name
          }
        }
        byTactic {
          tactic {
            attackId
            name
            shortName
          }
          total
          mapped
        }
      }
      unaligned {
        attackId
        reason
      }
      nodes {
        ...GapRow
        comment
      }
    }
  }
`);

const nextQuery = graphql(`
  query NextPage(
    $frameworks: [ID!]!
    $owned: StackInput
    $view: ViewInput
    $filter: MappingFilter
    $scope: ScopeInput
    $weight: ThreatWeight
  ) {
    controlCover(frameworks: $frameworks, owned: $owned, view: $view, filter: $filter, scope: $scope, weight: $weight, budget: 15) {
      total
      covered
      lowerBound
      picks {
        capability {
          framework {
            frameworkId
            name
          }
          capabilityId
          name
        }
        gain
        covered
        ratio
        techniques {
          attackId
          name
        }
      }
    }
  }
`);

type Page = GapsPageQuery['gaps'];

const orders: readonly GapOrder[] = ['GROUPS', 'SOFTWARE', 'KEV', 'TOP_TECHNIQUES', 'ATTACK_ID', 'NAME'];
const states: readonly CoverageState[] = ['BELOW_THRESHOLD', 'NON_MAPPABLE', 'UNASSESSED'];

export default function Gaps() {
  const { question, params, set } = useQuestion();
  const orderBy = oneOf(params.get('order'), orders) ?? 'GROUPS';
  const state = oneOf(params.get('state'), states);
  const said = useSaid('every defence');
  const query = useAnswer(gapsQuery, { ...variablesOf(question), orderBy });
  return (
    <div className="page">
      <Group justify="space-between" align="flex-start">
        <Heading title={`Gaps: ${said}`}>Gaps</Heading>
        <Exports question={question} />
      </Group>
      <QuestionBar />
      <Answered query={query}>
        {({ gaps }) => (
          <>
            <p className="lead">
              <strong data-testid="headline">
                {count(gaps.totalCount)} of {count(gaps.coverage.total)} techniques are not mapped
              </strong>{' '}
              by {gaps.coverage.byFramework.map((f) => f.framework.name).join(', ') || 'what you own'}.
            </p>
            <ShareBar tally={gaps.coverage} tall />
            <div style={{ marginTop: 6 }}>
              <ShareKey tally={gaps.coverage} />
            </div>
            <div className="columns">
              <section aria-label="By tactic">
                <h2>By tactic</h2>
                <ByTactic page={gaps} pick={(t) => set({ tactic: t })} />
              </section>
              <section aria-label="What to add next">
                <h2>What to add next</h2>
                <Next
                  owned={
                    question.stack ?? {
                      frameworks:
                        question.frameworks.length > 0
                          ? question.frameworks
                          : gaps.coverage.byFramework.map((f) => f.framework.frameworkId),
                    }
                  }
                />
              </section>
            </div>
            <Group justify="space-between" align="flex-end" mt="lg" mb="xs">
              <h2 style={{ margin: 0 }}>
                Techniques <Count>{gaps.totalCount}</Count>
              </h2>
              <Group gap="sm" className="no-print">
                <Select
                  size="xs"
                  label="Only"
                  w={190}
                  clearable
                  placeholder="every state"
                  data={states.map((s) => ({ value: s, label: stateNames[s] }))}
                  value={state ?? null}
                  onChange={(v) => set({ state: v }, { replace: true })}
                />
                <Select
                  size="xs"
                  label="First come"
                  w={170}
                  allowDeselect={false}
                  data={orders.map((o) => ({ value: o, label: words(o) }))}
                  value={orderBy}
                  onChange={(v) => set({ order: v === 'GROUPS' ? null : v }, { replace: true })}
                />
              </Group>
            </Group>
            <GapTable list={gaps.nodes.filter((g) => !state || g.state === state)} />
            {gaps.nodes.length < gaps.totalCount && <p role="note">The first {count(gaps.nodes.length)} are shown; an export has all.</p>}
            {gaps.unaligned.length > 0 && (
              <p className="soft">
                {plural(gaps.unaligned.length, 'mapping')} of these frameworks have no place in this release, and are not counted.
              </p>
            )}
          </>
        )}
      </Answered>
    </div>
  );
}

function ByTactic({ page, pick }: { page: Page; pick: (tactic: string) => void }) {
  return (
    <DataTable
      label="Tactics"
      rows={page.coverage.byTactic.filter((t) => t.total > 0)}
      keyOf={(t) => t.tactic.attackId}
      columns={[
        {
          title: 'tactic',
          cell: (t) => (
            <Button size="compact-xs" variant="subtle" onClick={() => pick(t.tactic.shortName)}>
              {t.tactic.name}
            </Button>
          ),
        },
        { title: 'not mapped', as: 'number', cell: (t) => t.total - t.mapped },
        { title: 'of', as: 'number', cell: (t) => t.total },
        { title: 'share', cell: (t) => <ShareBar tally={t} /> },
      ]}
    />
  );
}

const weights: readonly ThreatWeight[] = ['GROUPS', 'SOFTWARE', 'KEV', 'TOP_TECHNIQUES'];

/** Whose capabilities are looked through unless others are chosen. */
const usual = ['nist_800_53', 'aws', 'azure', 'gcp', 'm365'];

function Next({ owned }: { owned: StackInput }) {
  const { question, params, set } = useQuestion();
  const frameworks = useFrameworkOptions();
  const from = params.has('add') ? split(params.get('add')) : usual;
  const weight = params.get('weight') === 'each' ? null : (oneOf(params.get('weight'), weights) ?? 'GROUPS');
  const query = useAnswer(nextQuery, {
    frameworks: from,
    owned,
    view: question.view,
    filter: question.filter,
    scope: question.scope,
    weight,
  });
  return (
    <>
      <Group gap="sm" align="flex-end" className="no-print">
        <MultiSelect
          size="xs"
          label="Among capabilities of"
          flex={1}
          miw={200}
          data={frameworks}
          value={from}
          onChange={(list) => set({ add: list.join(',') || null }, { replace: true })}
        />
        <Select
          size="xs"
          label="A technique weighs"
          w={150}
          allowDeselect={false}
          data={[{ value: 'each', label: '1 each' }, ...weights.map((w) => ({ value: w, label: words(w) }))]}
          value={weight ?? 'each'}
          onChange={(w) => set({ weight: w === 'GROUPS' ? null : w }, { replace: true })}
        />
      </Group>
      <Answered query={query}>
        {({ controlCover: c }) =>
          c.picks.length === 0 ? (
            <Nothing>None of these maps anything of the scope that is not mapped already.</Nothing>
          ) : (
            <>
              <Curve ratios={c.picks.map((p) => p.ratio)} />
              <DataTable
                label="Picks"
                rows={c.picks}
                keyOf={(p) => `${p.capability.framework.frameworkId}/${p.capability.capabilityId}`}
                columns={[
                  {
                    title: 'capability',
                    cell: (p) => (
                      <>
                        <CapabilityLink
                          framework={p.capability.framework.frameworkId}
                          id={p.capability.capabilityId}
                          name={p.capability.name ?? null}
                        />
                        <div className="soft">{p.capability.framework.name}</div>
                      </>
                    ),
                  },
                  {
                    title: 'adds',
                    as: 'number',
                    cell: (p) => (
                      <span title={p.techniques.map((t) => `${t.attackId} ${t.name}`).join('\n')}>
                        {plural(p.techniques.length, 'technique')}
                      </span>
                    ),
                  },
                  { title: 'share', as: 'number', cell: (p) => percent(p.ratio) },
                ]}
              />
              <p className="soft">
                Of {plural(c.total, 'technique')} that these could add. The share is of{' '}
                {weight ? `their weight (${words(weight)})` : 'their number'}.
              </p>
            </>
          )
        }
      </Answered>
    </>
  );
}

function Curve({ ratios }: { ratios: number[] }) {
  const points = [0, ...ratios].map((r, i) => [30 + (i * 360) / ratios.length, 104 - r * 92] as const);
  return (
    <svg
      className="picture"
      viewBox="0 0 400 122"
      style={{ maxWidth: 520 }}
      role="img"
      aria-label={`With ${ratios.length} picks ${percent(ratios.at(-1) ?? 0)} of what can be added`}
    >
      {[0, 0.5, 1].map((r) => (
        <g key={r}>
          <line x1={30} x2={392} y1={104 - r * 92} y2={104 - r * 92} stroke="var(--line)" />
          <text x={26} y={107 - r * 92} fontSize={8} textAnchor="end" className="soft">
            {r * 100} %
          </text>
        </g>
      ))}
      <polyline points={points.map((p) => p.join(',')).join(' ')} fill="none" stroke="var(--mapped)" strokeWidth={2} />
      {points.map(([x, y], i) => (
        <circle key={i} cx={x} cy={y} r={2.5} fill="var(--mapped)" />
      ))}
      <text x={392} y={118} fontSize={8} textAnchor="end" className="soft">
        picks
      </text>
    </svg>
  );
}
