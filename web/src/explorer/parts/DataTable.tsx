import type { ReactNode } from 'react';
import { useQuestion } from '../question';

/** A column: its title, and what it shows of a row. Null leaves it out. */
export interface Column<T> {
  title: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand right; texts may be long; soft is for what is beside the point. */
  as?: 'number' | 'text' | 'soft' | 'path';
  /**
   * What clicking the title sorts by: numbers the high ones first, texts from A on. Only for tables whose rows are all
   * there. The address says which title sorts, so one table of a page has such columns.
   */
  by?: (row: T) => string | number | null | undefined;
}

/** Which column sorts, and whether against its first direction. Null is the order that the rows come in. */
type Order = { title: string; back: boolean } | null;

const orderOf = (text: string | null): Order => (text ? { title: text.replace(/^-/, ''), back: text.startsWith('-') } : null);

const classes = { number: 'n', text: 'text', soft: 'soft', path: 'path' } as const;

interface Props<T> {
  label: string;
  rows: readonly T[];
  columns: readonly (Column<T> | null | false)[];
  keyOf: (row: T, index: number) => string | number;
  picked?: (row: T) => boolean;
  /** Of a table that scrolls by itself. */
  height?: number;
}

/** What the address says after a click on a title. */
const nextOrder = (order: Order, title: string) => (order?.title !== title ? title : order.back ? null : `-${title}`);

/** Compares by a column; rows without a value come last either way. */
function compared<T>(by: NonNullable<Column<T>['by']>, back: boolean) {
  return (a: T, b: T) => {
    const [x, y] = [by(a) ?? null, by(b) ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === 'number' && typeof y === 'number' ? y - x : String(x).localeCompare(String(y), 'en');
    return back ? -order : order;
  };
}

function sorting<T>(column: Column<T>, order: Order) {
  if (!column.by || order?.title !== column.title) return undefined;
  return (column.as === 'number') !== order.back ? 'descending' : 'ascending';
}

/** A table that scrolls within the page where it is wider than it, by keyboard too. */
export function DataTable<T>({ label, rows, columns, keyOf, picked, height }: Props<T>) {
  const shown = columns.filter((c): c is Column<T> => Boolean(c));
  const { params, set } = useQuestion();
  const order = orderOf(params.get('sort'));
  const by = shown.find((c) => c.title === order?.title)?.by;
  const sorted = by && order ? rows.toSorted(compared(by, order.back)) : rows;
  return (
    <div className="table-scroll" style={height ? { maxHeight: height } : undefined} tabIndex={0} role="region" aria-label={label}>
      <table className="data">
        <thead>
          <tr>
            {shown.map((c, i) => (
              <th key={i} className={c.as === 'number' ? 'n' : undefined} aria-sort={sorting(c, order)}>
                {c.by ? (
                  <button type="button" className="sort" onClick={() => set({ sort: nextOrder(order, c.title) }, { replace: true })}>
                    {c.title}
                  </button>
                ) : (
                  c.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, i) => (
            <tr key={keyOf(row, i)} className={picked?.(row) ? 'picked' : undefined}>
              {shown.map((c, j) => (
                <td key={j} className={c.as ? classes[c.as] : undefined}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
