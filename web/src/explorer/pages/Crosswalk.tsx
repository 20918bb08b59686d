import { Anchor, Button, Group, MultiSelect, NumberInput, Select } from '@mantine/core';
import { Link } from 'react-router';
import { useAnswer } from '../api';
import { leftOut, optionsOf, useCapabilityChoices, useFrameworkName, useFrameworkOptions } from '../catalog';
import { hueOf } from '../colors';
import { graphql } from '../gql';
import type { CrosswalkOrder, CrosswalkPageQuery } from '../gql/graphql';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { QuestionBar } from '../parts/QuestionBar';
import { CapabilityLink, TechniqueLink } from '../parts/Things';
import { behind, carried, oneOf, split, useQuestion } from '../question';
import { count, idAndName, percent, short, words } from '../words';

const crosswalkQuery = graphql(`
  query CrosswalkPage(
    $from: ID!
    $to: ID!
    $view: ViewInput
    $filter: MappingFilter
    $scope: ScopeInput
    $fromCapabilities: [String!]
    $minShared: Int
    $orderBy: CrosswalkOrder
    $first: Int
  ) {
    crosswalk(
      from: $from
      to: $to
      view: $view
      filter: $filter
      scope: $scope
      fromCapabilities: $fromCapabilities
      minShared: $minShared
      orderBy: $orderBy
      first: $first
    ) {
      totalCount
      nodes {
        from {
          capabilityId
          canonicalId
          name
          framework {
            frameworkId
          }
        }
        to {
          capabilityId
          canonicalId
          name
          framework {
            frameworkId
          }
        }
        shared
        jaccard
        fromContained
        toContained
        weighted
        techniques {
          attackId
          name
        }
      }
    }
  }
`);

type Pair = CrosswalkPageQuery['crosswalk']['nodes'][number];

const orders: readonly CrosswalkOrder[] = ['WEIGHTED', 'SHARED', 'JACCARD', 'FROM_CONTAINED', 'TO_CONTAINED', 'FROM'];
const keyOf = (p: Pair) => `${p.from.canonicalId}~${p.to.canonicalId}`;

export default function Crosswalk() {
  const { question, params, set } = useQuestion();
  const from = params.get('from') ?? 'nist_800_53';
  const to = params.get('to') ?? 'aws';
  const orderBy = oneOf(params.get('order'), orders) ?? 'WEIGHTED';
  const only = split(params.get('only'));
  const minShared = Number(params.get('shared') ?? '') || null;
  const first = Number(params.get('n') ?? '') || 50;
  const query = useAnswer(crosswalkQuery, {
    from,
    to,
    view: question.view,
    filter: question.filter,
    scope: question.scope,
    orderBy,
    first: Math.min(first, 1000),
    minShared,
    fromCapabilities: only.length > 0 ? only : null,
  });
  const choices = useCapabilityChoices(from, question.view);
  const frameworks = useFrameworkOptions();
  const nameOf = useFrameworkName();
  return (
    <div className="page">
      <Heading title={`Crosswalk: ${nameOf(from)} to ${nameOf(to)}`}>Crosswalk</Heading>
      <p className="lead">
        Pairs of capabilities that bear on the same techniques. Nobody published these pairs: they are <strong>inferred</strong>, and the
        techniques in common are the evidence. A technique weighs more the fewer capabilities map it.
      </p>
      <QuestionBar frameworks={false} stack={false} rollUp={false} />
      <Group gap="sm" align="flex-end" mb="md" className="no-print">
        <Select
          size="xs"
          label="From"
          data={frameworks}
          value={from}
          allowDeselect={false}
          onChange={(v) => set({ from: v, only: null, pair: null })}
        />
        <Select size="xs" label="To" data={frameworks} value={to} allowDeselect={false} onChange={(v) => set({ to: v, pair: null })} />
        <MultiSelect
          size="xs"
          label={`Only these capabilities${leftOut(choices.data?.framework?.capabilities)}`}
          miw={220}
          flex={1}
          searchable
          clearable
          limit={60}
          placeholder={only.length ? '' : 'any'}
          data={optionsOf(choices.data)}
          value={only}
          onChange={(v) => set({ only: v.join(','), pair: null })}
        />
        <NumberInput
          size="xs"
          label="In common at least"
          w={130}
          min={1}
          value={minShared ?? 1}
          onChange={(v) => set({ shared: Number(v) > 1 ? String(v) : null }, { replace: true })}
        />
        <Select
          size="xs"
          label="Order"
          w={150}
          allowDeselect={false}
          data={orders.map((o) => ({ value: o, label: words(o) }))}
          value={orderBy}
          onChange={(v) => set({ order: v === 'WEIGHTED' ? null : v }, { replace: true })}
        />
      </Group>
      <Answered query={query}>
        {({ crosswalk }) => {
          const picked = crosswalk.nodes.find((p) => keyOf(p) === params.get('pair'));
          const pick = (p: Pair) => set({ pair: keyOf(p) === params.get('pair') ? null : keyOf(p) }, { replace: true });
          if (crosswalk.totalCount === 0)
            return <Nothing>No two capabilities of these frameworks map a technique in common with these filters.</Nothing>;
          return (
            <>
              <p>
                <strong data-testid="pairs">{count(crosswalk.totalCount)}</strong> pairs
                {crosswalk.nodes.length < crosswalk.totalCount && `, the first ${count(crosswalk.nodes.length)} of them here`}.
              </p>
              <Bipartite pairs={crosswalk.nodes.slice(0, 30)} picked={picked} pick={pick} />
              {picked && <Evidence pair={picked} />}
              <DataTable
                label="Pairs"
                rows={crosswalk.nodes}
                keyOf={keyOf}
                picked={(p) => p === picked}
                columns={[
                  {
                    title: 'from',
                    cell: (p) => (
                      <CapabilityLink framework={p.from.framework.frameworkId} id={p.from.capabilityId} name={p.from.name ?? null} />
                    ),
                  },
                  {
                    title: 'to',
                    cell: (p) => <CapabilityLink framework={p.to.framework.frameworkId} id={p.to.capabilityId} name={p.to.name ?? null} />,
                  },
                  { title: 'weighted', as: 'number', cell: (p) => p.weighted.toFixed(3) },
                  { title: 'shared', as: 'number', cell: (p) => p.shared },
                  { title: 'Jaccard', as: 'number', cell: (p) => p.jaccard.toFixed(3) },
                  { title: 'of from', as: 'number', cell: (p) => percent(p.fromContained) },
                  { title: 'of to', as: 'number', cell: (p) => percent(p.toContained) },
                  {
                    title: 'evidence',
                    cell: (p) => (
                      <Button
                        size="compact-xs"
                        variant={picked === p ? 'filled' : 'default'}
                        onClick={() => pick(p)}
                        aria-pressed={picked === p}
                      >
                        {p.techniques.length} techniques
                      </Button>
                    ),
                  },
                ]}
              />
              {crosswalk.nodes.length < crosswalk.totalCount && crosswalk.nodes.length < 1000 && (
                <Button
                  mt="sm"
                  size="xs"
                  variant="default"
                  onClick={() => set({ n: String(Math.min(1000, first * 4)) }, { replace: true })}
                >
                  Show more
                </Button>
              )}
              {crosswalk.nodes.length === 1000 && crosswalk.totalCount > 1000 && (
                <p className="soft">A page shows at most 1,000 pairs; narrow the question, or ask the API for the rest.</p>
              )}
            </>
          );
        }}
      </Answered>
    </div>
  );
}

function Evidence({ pair }: { pair: Pair }) {
  const { params } = useQuestion();
  const keep = carried(params);
  const side = (c: Pair['from']) => encodeURIComponent(`${c.framework.frameworkId}/${c.canonicalId}`);
  return (
    <section className="question" aria-label="Evidence">
      <strong>
        {pair.from.capabilityId} and {pair.to.capabilityId} both map
      </strong>
      <div className="chips" style={{ margin: '6px 0' }}>
        {pair.techniques.map((t) => (
          <TechniqueLink key={t.attackId} id={t.attackId} name={t.name} />
        ))}
      </div>
      <Anchor component={Link} size="sm" to={behind(`/compare?a=${side(pair.from)}&b=${side(pair.to)}`, keep)}>
        Compare the two side by side
      </Anchor>
    </section>
  );
}

/** The strongest pairs as lines between two columns, as thick as they are alike. */
function Bipartite({ pairs, picked, pick }: { pairs: readonly Pair[]; picked: Pair | undefined; pick: (p: Pair) => void }) {
  const lefts = [...new Map(pairs.map((p) => [p.from.canonicalId, p.from])).values()];
  const rights = [...new Map(pairs.map((p) => [p.to.canonicalId, p.to])).values()];
  const rows = Math.max(lefts.length, rights.length);
  const line = 22;
  const height = rows * line + 12;
  const y = (i: number, n: number) => 12 + ((i + 0.5) * (height - 12)) / n;
  const label = (c: Pair['from']) => short(idAndName(c.capabilityId, c.name), 34);
  return (
    <details open>
      <summary className="soft">The {pairs.length} first pairs as a picture</summary>
      <div className="table-scroll">
        <svg
          className="picture"
          viewBox={`0 0 900 ${height}`}
          style={{ minWidth: 640, maxWidth: 1100 }}
          role="group"
          aria-label="Pairs as lines between two columns"
        >
          {pairs.map((p, i) => {
            const a = y(
              lefts.findIndex((c) => c.canonicalId === p.from.canonicalId),
              lefts.length,
            );
            const b = y(
              rights.findIndex((c) => c.canonicalId === p.to.canonicalId),
              rights.length,
            );
            const on = picked && keyOf(picked) === keyOf(p);
            return (
              <path
                key={keyOf(p)}
                className="pick"
                d={`M 270 ${a} C 420 ${a}, 480 ${b}, 630 ${b}`}
                fill="none"
                stroke={on ? 'var(--threat)' : hueOf(lefts.findIndex((c) => c.canonicalId === p.from.canonicalId))}
                strokeOpacity={on ? 1 : 0.55}
                strokeWidth={1.5 + 7 * p.weighted}
                role="button"
                tabIndex={i === 0 ? 0 : -1}
                aria-label={`${p.from.capabilityId} to ${p.to.capabilityId}: ${p.weighted.toFixed(3)}`}
                onClick={() => pick(p)}
                onKeyDown={(e) => e.key === 'Enter' && pick(p)}
              >
                <title>{`${p.from.capabilityId} – ${p.to.capabilityId}: weighted ${p.weighted.toFixed(3)}, ${p.shared} in common`}</title>
              </path>
            );
          })}
          {lefts.map((c, i) => (
            <text key={c.canonicalId} x={262} y={y(i, lefts.length) + 4} fontSize={11.5} textAnchor="end">
              {label(c)}
              <title>{idAndName(c.capabilityId, c.name)}</title>
            </text>
          ))}
          {rights.map((c, i) => (
            <text key={c.canonicalId} x={638} y={y(i, rights.length) + 4} fontSize={11.5}>
              {label(c)}
              <title>{idAndName(c.capabilityId, c.name)}</title>
            </text>
          ))}
        </svg>
      </div>
    </details>
  );
}
