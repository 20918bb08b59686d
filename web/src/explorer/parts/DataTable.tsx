import type { ReactNode } from 'react';

/** A column: its title, and what it shows of a row. Null leaves it out. */
export interface Column<T> {
  title: ReactNode;
  cell: (row: T) => ReactNode;
  /** Numbers stand right; texts may be long; soft is for what is beside the point. */
  as?: 'number' | 'text' | 'soft' | 'path';
}

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

/** A table that scrolls within the page where it is wider than it, by keyboard too. */
export function DataTable<T>({ label, rows, columns, keyOf, picked, height }: Props<T>) {
  const shown = columns.filter((c): c is Column<T> => Boolean(c));
  return (
    <div className="table-scroll" style={height ? { maxHeight: height } : undefined} tabIndex={0} role="region" aria-label={label}>
      <table className="data">
        <thead>
          <tr>
            {shown.map((c, i) => (
              <th key={i} className={c.as === 'number' ? 'n' : undefined}>
                {c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
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
