import { Button, Group, SegmentedControl, Select, useComputedColorScheme } from '@mantine/core';
import { Fragment, memo, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../api';
import { threatColor } from '../colors';
import { download, pngOf } from '../download';
import { graphql } from '../gql';
import type { MatrixPageQuery } from '../gql/graphql';
import { Exports } from '../parts/Exports';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { QuestionBar } from '../parts/QuestionBar';
import { ShareBar, ShareKey } from '../parts/Shares';
import { carried, oneOf, split, useQuestion, variablesOf, viewOnly } from '../question';
import { useSaid } from '../said';
import { count, percent, plural, stateNames, stateSigns, stateText, words } from '../words';
import {
  capabilitiesOf,
  isHot,
  labelOf,
  legendOf,
  paint,
  shades,
  threatOf,
  threats,
  type Cell,
  type Look,
  type Shade,
  type Threat,
} from './matrixLook';
import { matrixPicture } from './matrixPicture';

const matrixQuery = graphql(`
  query MatrixPage($frameworks: [ID!], $stack: StackInput, $view: ViewInput, $filter: MappingFilter, $scope: ScopeInput, $rollUp: RollUp) {
    matrix(frameworks: $frameworks, stack: $stack, view: $view, filter: $filter, scope: $scope, rollUp: $rollUp) {
      coverage {
        ...Tally
        byTactic {
          tactic {
            shortName
          }
          total
          mapped
        }
        byFramework {
          framework {
            frameworkId
            name
          }
        }
      }
      tactics {
        tactic {
          attackId
          name
          shortName
        }
        techniques {
          ...Cell
          subtechniques {
            ...Cell
          }
        }
      }
    }
  }

  fragment Cell on MatrixCell {
    technique {
      attackId
      name
    }
    state
    weights {
      groups
      software
      kev
    }
    coverage {
      state
      reason
      capabilityCount
      rolledUp
      best {
        category
        value
      }
    }
  }
`);

type Page = MatrixPageQuery['matrix'];
type Parent = Page['tactics'][number]['techniques'][number];

export default function Matrix() {
  const { question, params, set } = useQuestion();
  const look: Look = { shade: oneOf(params.get('shade'), shades) ?? 'count', threat: oneOf(params.get('threat'), threats) ?? 'none' };
  const query = useAnswer(matrixQuery, variablesOf(question));
  const said = useSaid('every defence');
  const dark = useComputedColorScheme('light') === 'dark';
  const folds = useFolds();
  return (
    <div className="page full">
      <Group justify="space-between" align="flex-start">
        <Heading title={`Matrix: ${said}`}>Matrix</Heading>
        {query.data && (
          <Exports
            question={question}
            pictures={[
              { label: 'Picture (SVG)', run: () => save(query.data.matrix, said, look, dark, 'svg') },
              { label: 'Picture (PNG)', run: () => save(query.data.matrix, said, look, dark, 'png') },
              { label: 'Print', run: () => window.print() },
            ]}
          />
        )}
      </Group>
      <QuestionBar />
      <Group gap="sm" mb="xs" align="flex-end" className="no-print">
        <SegmentedControl
          size="xs"
          aria-label="Shade by"
          value={look.shade}
          onChange={(v) => set({ shade: v === 'count' ? null : v }, { replace: true })}
          data={[
            { value: 'count', label: 'capabilities' },
            { value: 'best', label: 'best score' },
            { value: 'state', label: 'state' },
          ]}
        />
        <Select
          size="xs"
          w={190}
          aria-label="Threat"
          allowDeselect={false}
          value={look.threat}
          onChange={(v) => set({ threat: v === 'none' ? null : v }, { replace: true })}
          data={[
            { value: 'none', label: 'no threat overlay' },
            { value: 'groups', label: 'threat: groups' },
            { value: 'software', label: 'threat: software' },
            { value: 'kev', label: 'threat: exploited CVEs' },
          ]}
        />
        <Button size="xs" variant="default" onClick={folds.toggleAll}>
          {folds.all ? 'Fold sub-techniques' : 'Unfold sub-techniques'}
        </Button>
      </Group>
      <Answered query={query}>
        {({ matrix }) => (
          <>
            <ShareBar tally={matrix.coverage} />
            <Group gap="lg" mt={6}>
              <strong data-testid="headline">{headlineOf(matrix)}</strong>
              <ShareKey tally={matrix.coverage} />
            </Group>
            <Legend look={look} />
            {matrix.coverage.total === 0 ? (
              <Nothing>No technique is in this scope. Take a filter away.</Nothing>
            ) : (
              <Grid page={matrix} look={look} folds={folds} kept={carried(params, viewOnly)} />
            )}
          </>
        )}
      </Answered>
    </div>
  );
}

const headlineOf = ({ coverage: c }: Page) => `${count(c.mapped)} of ${count(c.total)} techniques mapped (${percent(c.ratio)})`;

async function save(page: Page, said: string, look: Look, dark: boolean, as: 'svg' | 'png') {
  const picture = matrixPicture({ said, headline: headlineOf(page), columns: page.tactics, look, dark });
  if (as === 'svg') download('mapgraph-matrix.svg', 'image/svg+xml', picture.svg);
  else download('mapgraph-matrix.png', 'image/png', await pngOf(picture.svg, picture.width, picture.height));
}

function Legend({ look }: { look: Look }) {
  const { title, blues, signs, threat } = legendOf(look);
  return (
    <div className="legend" role="note" aria-label="Legend">
      <span>
        {title}
        {blues.map((b) => (
          <span key={b.text}>
            <i className="swatch" style={{ background: b.fill, marginLeft: 8 }} aria-hidden />
            {b.text}
          </span>
        ))}
      </span>
      <span>
        {signs.map((text) => (
          <span key={text} style={{ marginLeft: 8 }}>
            {text}
          </span>
        ))}
      </span>
      {threat && (
        <span>
          <i className="swatch" style={{ borderLeft: `4px solid ${threatColor}` }} aria-hidden />
          {threat}
        </span>
      )}
    </div>
  );
}

interface Folds {
  all: boolean;
  isOpen: (id: string) => boolean;
  toggle: (id: string) => void;
  toggleAll: () => void;
}

const every = 'all';

/** Which techniques show their sub-techniques, as the address says: those it lists, or with "all" every one but those. */
function useFolds(): Folds {
  const { params, set } = useQuestion();
  const text = params.get('open');
  const listed = useMemo(() => new Set(split(text)), [text]);
  const all = listed.has(every);
  const latest = useRef(set);
  useEffect(() => {
    latest.current = set;
  });
  // Always the same function, so that cells that did not change are not drawn again.
  const toggle = useCallback((id: string) => {
    const next = new Set(split(new URLSearchParams(window.location.search).get('open')));
    if (!next.delete(id)) next.add(id);
    latest.current({ open: [...next].join(',') }, { replace: true });
  }, []);
  return {
    all,
    isOpen: (id) => all !== listed.has(id),
    toggle,
    toggleAll: () => set({ open: all ? null : every }, { replace: true }),
  };
}

interface Tip {
  cell: Cell;
  x: number;
  y: number;
}

function Grid({ page, look, folds, kept }: { page: Page; look: Look; folds: Folds; kept: string }) {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const cells = useMemo(() => {
    const found = new Map<string, Cell>();
    for (const t of page.tactics)
      for (const c of t.techniques) for (const each of [c, ...c.subtechniques]) found.set(each.technique.attackId, each);
    return found;
  }, [page]);
  const point = (e: MouseEvent) => {
    const id = (e.target as HTMLElement).closest<HTMLElement>('[data-id]')?.dataset.id;
    const cell = id ? cells.get(id) : undefined;
    setTip(cell ? { cell, x: e.clientX, y: e.clientY } : null);
  };
  const focused = (element: Element) => {
    const id = element.closest<HTMLElement>('[data-id]')?.dataset.id;
    const cell = id ? cells.get(id) : undefined;
    const at = element.getBoundingClientRect();
    setTip(cell ? { cell, x: at.left, y: at.bottom } : null);
  };
  // Arrow keys walk through the cells; Space unfolds; Enter follows the link.
  const walk = (e: KeyboardEvent) => {
    const link = (e.target as HTMLElement).closest<HTMLElement>('.cell')?.querySelector('a');
    if (!link || !box.current) return;
    const columns = [...box.current.querySelectorAll('.matrix-column')].map((c) => [...c.querySelectorAll<HTMLAnchorElement>('.cell > a')]);
    const column = columns.findIndex((c) => c.includes(link as HTMLAnchorElement));
    const row = columns[column]?.indexOf(link as HTMLAnchorElement) ?? 0;
    const id = link.closest<HTMLElement>('[data-id]')?.dataset.id ?? '';
    const steps: Record<string, HTMLAnchorElement | undefined> = {
      ArrowDown: columns[column]?.[row + 1],
      ArrowUp: columns[column]?.[row - 1],
      ArrowRight: nearest(columns[column + 1], row),
      ArrowLeft: nearest(columns[column - 1], row),
      Home: columns[column]?.[0],
      End: columns[column]?.at(-1),
    };
    if (e.key in steps) {
      e.preventDefault();
      steps[e.key]?.focus();
    } else if (e.key === ' ' && e.target === link) {
      e.preventDefault();
      folds.toggle(id);
    } else if (e.key === 'Escape') {
      setTip(null);
    }
  };
  return (
    <div
      className="matrix"
      ref={box}
      role="region"
      aria-label="ATT&CK matrix. Arrow keys move, Space unfolds sub-techniques, Enter opens a technique."
      tabIndex={-1}
      onMouseOver={point}
      onMouseLeave={() => setTip(null)}
      onFocus={(e) => focused(e.target)}
      onBlur={() => setTip(null)}
      onKeyDown={walk}
    >
      <div className="matrix-columns" style={{ gridTemplateColumns: `repeat(${page.tactics.length}, minmax(156px, 1fr))` }}>
        {page.tactics.map((t, i) => (
          <Column
            key={t.tactic.attackId}
            first={i === 0}
            tactic={t}
            tally={page.coverage.byTactic[i]}
            look={look}
            folds={folds}
            kept={kept}
          />
        ))}
      </div>
      {tip && <Details tip={tip} frameworks={page.coverage.byFramework.map((f) => f.framework.name)} />}
    </div>
  );
}

const nearest = (column: HTMLAnchorElement[] | undefined, row: number) => column?.[Math.min(row, column.length - 1)];

interface ColumnProps {
  first: boolean;
  tactic: Page['tactics'][number];
  tally: { total: number; mapped: number } | undefined;
  look: Look;
  folds: Folds;
  kept: string;
}

function Column({ first, tactic, tally, look, folds, kept }: ColumnProps) {
  return (
    <section className="matrix-column" aria-label={tactic.tactic.name}>
      <div className="matrix-head">
        <strong>{tactic.tactic.name}</strong>
        {tally && (
          <span>
            {tally.mapped} of {tally.total}
          </span>
        )}
      </div>
      {tactic.techniques.map((cell: Parent, i) => {
        const open = folds.isOpen(cell.technique.attackId);
        return (
          <div key={cell.technique.attackId} style={{ display: 'contents' }}>
            <Square
              cell={cell}
              shade={look.shade}
              threat={look.threat}
              kept={kept}
              first={first && i === 0}
              subs={cell.subtechniques.length}
              open={open}
              toggle={folds.toggle}
            />
            {open &&
              cell.subtechniques.map((s) => (
                <Square key={s.technique.attackId} cell={s} shade={look.shade} threat={look.threat} kept={kept} sub />
              ))}
          </div>
        );
      })}
    </section>
  );
}

interface SquareProps {
  cell: Cell;
  shade: Shade;
  threat: Threat;
  kept: string;
  sub?: boolean;
  first?: boolean;
  subs?: number;
  open?: boolean;
  toggle?: (id: string) => void;
}

/** A name that may break behind a slash, which browsers would not do. */
const breakable = (name: string) =>
  name.split('/').map((part, i) =>
    i === 0 ? (
      part
    ) : (
      <Fragment key={i}>
        /<wbr />
        {part}
      </Fragment>
    ),
  );

const Square = memo(function Square({
  cell,
  shade,
  threat,
  kept,
  sub = false,
  first = false,
  subs = 0,
  open = false,
  toggle,
}: SquareProps) {
  const { attackId, name } = cell.technique;
  const level = threatOf(cell, threat);
  const blue = cell.state === 'MAPPED' ? paint(cell, shade) : null;
  const classes = ['cell', `state-${cell.state.toLowerCase()}`, sub && 'sub', level > 0 && `threat-${level}`, isHot(cell, threat) && 'hot'];
  return (
    <div
      className={classes.filter(Boolean).join(' ')}
      style={blue ? { background: blue.fill, color: blue.ink } : undefined}
      data-id={attackId}
    >
      <Link
        to={`/technique/${attackId}${kept}`}
        tabIndex={first ? 0 : -1}
        aria-label={`${attackId} ${name}: ${stateNames[cell.state]}, ${plural(capabilitiesOf(cell), 'capability', 'capabilities')}`}
      >
        {breakable(name)}
      </Link>
      <span className="n" aria-hidden>
        {labelOf(cell, shade)}
      </span>
      {subs > 0 && (
        <button
          type="button"
          tabIndex={-1}
          aria-expanded={open}
          aria-label={`${subs} sub-techniques of ${name}`}
          onClick={() => toggle?.(attackId)}
        >
          {open ? '−' : `+${subs}`}
        </button>
      )}
    </div>
  );
});

function Details({ tip, frameworks }: { tip: Tip; frameworks: string[] }) {
  const { cell } = tip;
  const left = Math.max(8, Math.min(tip.x + 14, window.innerWidth - 316));
  const below = tip.y + 18 + 60 + 20 * cell.coverage.length < window.innerHeight;
  return (
    <div className="tip" role="status" style={{ left, ...(below ? { top: tip.y + 18 } : { bottom: window.innerHeight - tip.y + 12 }) }}>
      <strong>
        {cell.technique.attackId} {cell.technique.name}
      </strong>
      <div className="soft">
        {cell.weights.groups} groups, {cell.weights.software} software, {cell.weights.kev} exploited CVEs
      </div>
      <table>
        <tbody>
          {cell.coverage.map((c, i) => (
            <tr key={frameworks[i]}>
              <td>
                {stateSigns[c.state]} {frameworks[i]}
              </td>
              <td>
                {c.state === 'MAPPED'
                  ? c.rolledUp
                    ? 'through its family'
                    : `${c.capabilityCount} ${c.best.map((b) => `${words(b.category)} ${words(b.value)}`).join(', ')}`
                  : stateText(c.state, c.reason)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
