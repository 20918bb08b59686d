import { Button, Group, SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useAnswer } from '../api';
import { hueOf } from '../colors';
import { download } from '../download';
import { graphql } from '../gql';
import type { OverlapPageQuery } from '../gql/graphql';
import { DataTable } from '../parts/DataTable';
import { Exports, useTaking } from '../parts/Exports';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { QuestionBar } from '../parts/QuestionBar';
import { CapabilityLink, Count, TechniqueLink } from '../parts/Things';
import { useQuestion, variablesOf, type Question } from '../question';
import { useSaid } from '../said';
import { count, percent, short } from '../words';

const overlapQuery = graphql(`
  query OverlapPage($frameworks: [ID!]!, $view: ViewInput, $filter: MappingFilter, $scope: ScopeInput, $rollUp: RollUp) {
    overlap(frameworks: $frameworks, view: $view, filter: $filter, scope: $scope, rollUp: $rollUp) {
      universe
      frameworks {
        frameworkId
        name
      }
      all {
        totalCount
      }
      none {
        totalCount
      }
      regions {
        totalCount
        frameworks {
          frameworkId
          name
        }
        techniques(first: 1000) {
          nodes {
            technique {
              attackId
              name
            }
          }
        }
      }
      pairwise {
        a {
          frameworkId
        }
        b {
          frameworkId
        }
        shared
        jaccard
      }
    }
  }
`);

const regionQuery = graphql(`
  query OverlapRegionPage($frameworks: [ID!]!, $view: ViewInput, $filter: MappingFilter, $scope: ScopeInput, $rollUp: RollUp) {
    overlap(frameworks: $frameworks, view: $view, filter: $filter, scope: $scope, rollUp: $rollUp) {
      regions {
        techniques(first: 1000) {
          nodes {
            technique {
              attackId
              name
            }
            byFramework {
              framework {
                frameworkId
                name
              }
              rolledUp
              capabilities {
                capabilityId
                name
              }
            }
          }
        }
      }
    }
  }
`);

type Page = OverlapPageQuery['overlap'];
type Region = Page['regions'][number];

const clouds = ['aws', 'azure', 'gcp'];
const cloudNames = 'AWS, Azure, Google Cloud';

/** The order-free name of a region in the address: the positions of its frameworks. */
const keyOf = (r: { frameworks: readonly { frameworkId: string }[] }) => r.frameworks.map((f) => f.frameworkId).join('+') || 'none';

export default function Overlap() {
  const { question, params, set } = useQuestion();
  const frameworks = question.frameworks.length > 0 ? question.frameworks : clouds;
  const asked = { ...question, stack: null, frameworks };
  const said = useSaid(cloudNames, false);
  const enough = frameworks.length >= 2;
  const query = useAnswer(overlapQuery, { ...variablesOf(asked), frameworks }, { enabled: enough });
  return (
    <div className="page">
      <Group justify="space-between" align="flex-start">
        <Heading title={`Overlap: ${said}`}>Overlap</Heading>
        {query.data && <Exports question={asked} />}
      </Group>
      <QuestionBar stack={false} everything={cloudNames} />
      {!enough && <Nothing>An overlap needs at least two frameworks. Choose another one above.</Nothing>}
      {enough && (
        <Answered query={query}>
          {({ overlap }) => {
            const picked =
              overlap.regions.find((r) => keyOf(r) === params.get('region')) ??
              (params.get('region') === 'none' ? noneOf(overlap) : undefined);
            const pick = (r: { frameworks: readonly { frameworkId: string }[] }) =>
              set({ region: keyOf(r) === params.get('region') ? null : keyOf(r) }, { replace: true });
            const venn = overlap.frameworks.length === 3 && params.get('as') === 'venn';
            return (
              <>
                <p className="lead">
                  Of <strong>{count(overlap.universe)}</strong> techniques, <strong data-testid="all">{overlap.all.totalCount}</strong> are
                  mapped by all and <strong data-testid="none">{overlap.none.totalCount}</strong> by none.{' '}
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => set({ region: params.get('region') === 'none' ? null : 'none' }, { replace: true })}
                  >
                    Show those that none maps
                  </Button>
                </p>
                {overlap.frameworks.length === 3 && (
                  <SegmentedControl
                    size="xs"
                    aria-label="Picture"
                    value={venn ? 'venn' : 'upset'}
                    onChange={(v) => set({ as: v === 'venn' ? 'venn' : null }, { replace: true })}
                    data={[
                      { value: 'upset', label: 'UpSet' },
                      { value: 'venn', label: 'Venn' },
                    ]}
                  />
                )}
                {venn ? <Venn overlap={overlap} picked={picked} pick={pick} /> : <UpSet overlap={overlap} picked={picked} pick={pick} />}
                {picked && <RegionTable region={picked} question={asked} />}
                <h2>Two by two</h2>
                <Pairs overlap={overlap} />
              </>
            );
          }}
        </Answered>
      )}
    </div>
  );
}

/** What no framework maps, as a region. Its techniques are asked for when it is shown. */
const noneOf = (o: Page): Region => ({ totalCount: o.none.totalCount, frameworks: [], techniques: { nodes: [] } });

interface PictureProps {
  overlap: Page;
  picked: Region | undefined;
  pick: (r: Region) => void;
}

/** A press by mouse or keyboard. */
const pressed = (act: () => void) => ({
  role: 'button',
  tabIndex: 0,
  onClick: act,
  onKeyDown: (e: React.KeyboardEvent) => {
    if (e.key === 'Enter' || e.key === ' ') {
      e.preventDefault();
      act();
    }
  },
});

const sayRegion = (r: Region) => `${r.totalCount} techniques mapped by exactly ${r.frameworks.map((f) => f.name).join(', ') || 'none'}`;

function UpSet({ overlap, picked, pick }: PictureProps) {
  const shown = overlap.regions.slice(0, 40);
  const rest = overlap.regions.length - shown.length;
  const sizes = overlap.frameworks.map(
    (f) => overlap.pairwise.find((p) => p.a.frameworkId === f.frameworkId && p.b.frameworkId === f.frameworkId)?.shared ?? 0,
  );
  const left = 190;
  const step = 30;
  const barTop = 18;
  const barHeight = 190;
  const line = 26;
  const width = Math.max(620, left + shown.length * step + 20);
  const height = barTop + barHeight + 14 + overlap.frameworks.length * line + 10;
  const most = Math.max(1, ...shown.map((r) => r.totalCount));
  const widest = Math.max(1, ...sizes);
  const y = (i: number) => barTop + barHeight + 24 + i * line;
  return (
    <div className="table-scroll">
      <svg
        className="picture"
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: Math.min(width, 560), maxWidth: width * 1.25 }}
        role="group"
        aria-label="UpSet plot: each bar counts techniques that exactly the marked frameworks map"
      >
        {overlap.frameworks.map((f, i) => (
          <g key={f.frameworkId}>
            {i % 2 === 0 && <rect x={0} y={y(i) - line / 2} width={width} height={line} fill="var(--panel)" />}
            <rect
              x={left - 14 - (sizes[i] ?? 0) * (60 / widest)}
              y={y(i) - 6}
              width={(sizes[i] ?? 0) * (60 / widest)}
              height={12}
              fill={hueOf(i)}
              rx={2}
            >
              <title>{`${sizes[i] ?? 0} techniques`}</title>
            </rect>
            <text x={left - 80} y={y(i) + 4} fontSize={12} textAnchor="end">
              {short(f.name, 15)}
              <title>{f.name}</title>
            </text>
          </g>
        ))}
        {shown.map((r, k) => {
          const x = left + 14 + k * step;
          const h = (r.totalCount / most) * barHeight;
          const on = overlap.frameworks.map((f) => r.frameworks.some((x2) => x2.frameworkId === f.frameworkId));
          const rows = on.flatMap((o, i) => (o ? [i] : []));
          return (
            <g
              key={keyOf(r)}
              className={`pick ${picked && keyOf(picked) === keyOf(r) ? 'picked' : ''}`}
              aria-label={sayRegion(r)}
              aria-pressed={picked !== undefined && keyOf(picked) === keyOf(r)}
              {...pressed(() => pick(r))}
            >
              <rect className="hit" x={x - step / 2 + 1} y={0} width={step - 2} height={height} rx={3} />
              <rect className="bar" x={x - 9} y={barTop + barHeight - h} width={18} height={Math.max(1, h)} rx={2} />
              <text x={x} y={barTop + barHeight - h - 4} fontSize={11} textAnchor="middle" fontWeight={600}>
                {r.totalCount}
              </text>
              {rows.length > 1 && (
                <line x1={x} x2={x} y1={y(rows[0] ?? 0)} y2={y(rows.at(-1) ?? 0)} stroke="currentColor" strokeWidth={2} />
              )}
              {on.map((o, i) => (
                <circle key={overlap.frameworks[i]?.frameworkId} cx={x} cy={y(i)} r={6} fill={o ? hueOf(i) : 'var(--line)'} />
              ))}
            </g>
          );
        })}
      </svg>
      {rest > 0 && (
        <p className="soft">
          The {shown.length} largest of {overlap.regions.length} regions are drawn.
        </p>
      )}
    </div>
  );
}

/** Three circles; their areas say nothing, the numbers do. */
function Venn({ overlap, picked, pick }: PictureProps) {
  const [a, b, c] = overlap.frameworks.map((f) => f.frameworkId);
  const centres = [
    [210, 170],
    [350, 170],
    [280, 290],
  ] as const;
  const places: [string[], number, number][] = [
    [[a ?? ''], 150, 140],
    [[b ?? ''], 410, 140],
    [[c ?? ''], 280, 360],
    [[a ?? '', b ?? ''], 280, 125],
    [[a ?? '', c ?? ''], 205, 255],
    [[b ?? '', c ?? ''], 355, 255],
    [[a ?? '', b ?? '', c ?? ''], 280, 210],
  ];
  return (
    <svg
      className="picture"
      viewBox="0 0 560 440"
      style={{ maxWidth: 640 }}
      role="group"
      aria-label="Venn diagram: how many techniques each combination of frameworks maps"
    >
      {centres.map(([x, y], i) => (
        <circle key={i} cx={x} cy={y} r={125} fill={hueOf(i)} fillOpacity={0.22} stroke={hueOf(i)} strokeWidth={2} />
      ))}
      {overlap.frameworks.map((f, i) => (
        <text key={f.frameworkId} x={[90, 470, 280][i]} y={[50, 50, 432][i]} textAnchor="middle" fontSize={15} fontWeight={700}>
          {f.name}
        </text>
      ))}
      {places.map(([ids, x, y]) => {
        const region = overlap.regions.find((r) => keyOf(r) === ids.join('+'));
        if (!region)
          return (
            <text key={ids.join('+')} x={x} y={y} textAnchor="middle" fontSize={16} className="soft">
              0
            </text>
          );
        return (
          <g
            key={ids.join('+')}
            className="pick"
            aria-label={sayRegion(region)}
            aria-pressed={picked !== undefined && keyOf(picked) === keyOf(region)}
            {...pressed(() => pick(region))}
          >
            <circle cx={x} cy={y - 6} r={24} className="hit" />
            <text
              x={x}
              y={y}
              textAnchor="middle"
              fontSize={20}
              fontWeight={700}
              textDecoration={picked && keyOf(picked) === keyOf(region) ? 'underline' : undefined}
            >
              {region.totalCount}
            </text>
          </g>
        );
      })}
      <text x={550} y={420} textAnchor="end" fontSize={13} className="soft">
        by none: {overlap.none.totalCount}
      </text>
    </svg>
  );
}

function RegionTable({ region, question }: { region: Region; question: Question }) {
  const { busy, trouble, take } = useTaking();
  const ids = region.techniques.nodes.map((n) => n.technique.attackId);
  const none = region.frameworks.length === 0;
  const gaps = useAnswer(noneQuery, variablesOf(question), { enabled: none });
  const detail = useAnswer(
    regionQuery,
    { ...variablesOf(question), frameworks: question.frameworks, scope: { techniques: ids } },
    { enabled: !none },
  );
  const rows = useMemo(
    () =>
      none
        ? (gaps.data?.gaps.nodes ?? []).map((n) => ({ technique: n.technique, byFramework: [] }))
        : (detail.data?.overlap.regions[0]?.techniques.nodes ?? []),
    [none, gaps.data, detail.data],
  );
  const names = region.frameworks.map((f) => f.name);
  const csv = () => {
    const quote = (s: string) => `"${(/^[=+\-@]/.test(s) ? `'${s}` : s).replaceAll('"', '""')}"`;
    const lines = [['technique', 'name', ...names].map(quote).join(',')];
    for (const r of rows)
      lines.push(
        [r.technique.attackId, r.technique.name, ...r.byFramework.map((f) => f.capabilities.map((c) => c.capabilityId).join(' '))]
          .map(quote)
          .join(','),
      );
    download('mapgraph-overlap.csv', 'text/csv', `${lines.join('\r\n')}\r\n`);
  };
  const layer = () =>
    take(none ? 'NAVIGATOR_GAPS' : 'NAVIGATOR_COVERAGE', { ...question, scope: { techniques: rows.map((r) => r.technique.attackId) } });
  return (
    <section aria-label="Techniques of the region">
      <h2>
        {none ? 'Mapped by none' : `Mapped by exactly ${names.join(', ')}`} <Count>{region.totalCount}</Count>{' '}
        <Button size="compact-xs" variant="default" onClick={csv} disabled={rows.length === 0}>
          CSV
        </Button>{' '}
        <Button size="compact-xs" variant="default" onClick={() => void layer()} disabled={rows.length === 0} loading={busy}>
          Navigator layer
        </Button>
      </h2>
      {trouble}
      <Answered query={(none ? gaps : detail) as ReturnType<typeof useAnswer<unknown, unknown>>}>
        {() => (
          <DataTable
            label="Techniques with the capabilities behind them"
            rows={rows}
            keyOf={(r) => r.technique.attackId}
            columns={[
              { title: 'technique', cell: (r) => <TechniqueLink id={r.technique.attackId} name={r.technique.name} /> },
              ...names.map((name, i) => ({
                title: name,
                cell: (r: (typeof rows)[number]) => {
                  const f = r.byFramework[i];
                  return (
                    f && (
                      <>
                        {f.rolledUp && <span className="soft">through its family</span>}
                        {f.capabilities.map((c) => (
                          <div key={c.capabilityId}>
                            <CapabilityLink framework={f.framework.frameworkId} id={c.capabilityId} />
                          </div>
                        ))}
                      </>
                    )
                  );
                },
              })),
            ]}
          />
        )}
      </Answered>
    </section>
  );
}

const noneQuery = graphql(`
  query OverlapNone($frameworks: [ID!], $view: ViewInput, $filter: MappingFilter, $scope: ScopeInput, $rollUp: RollUp) {
    gaps(frameworks: $frameworks, view: $view, filter: $filter, scope: $scope, rollUp: $rollUp, first: 1000) {
      nodes {
        technique {
          attackId
          name
        }
      }
    }
  }
`);

function Pairs({ overlap }: { overlap: Page }) {
  const n = overlap.frameworks.length;
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Techniques in common, two by two">
      <table className="data" style={{ width: 'auto' }}>
        <thead>
          <tr>
            <th>in common</th>
            {overlap.frameworks.map((f) => (
              <th key={f.frameworkId} className="n">
                {f.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {overlap.frameworks.map((f, i) => (
            <tr key={f.frameworkId}>
              <th scope="row">{f.name}</th>
              {overlap.frameworks.map((g, j) => {
                const p = overlap.pairwise[i * n + j];
                return (
                  <td
                    key={g.frameworkId}
                    className="n"
                    style={{
                      background:
                        i === j ? undefined : `color-mix(in srgb, var(--mapped) ${Math.round((p?.jaccard ?? 0) * 55)}%, transparent)`,
                    }}
                  >
                    {p?.shared} {i !== j && <small>{percent(p?.jaccard ?? 0)}</small>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">The percentage is the share of what either maps.</p>
    </div>
  );
}
