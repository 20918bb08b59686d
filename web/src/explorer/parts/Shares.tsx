import { Link } from 'react-router';
import { graphql } from '../gql';
import type { CoverageState } from '../gql/graphql';
import { count, percent, stateNames } from '../words';

graphql(`
  fragment Tally on Coverage {
    total
    mapped
    belowThreshold
    nonMappable
    unassessed
    ratio
  }
`);

export interface Tally {
  total: number;
  mapped: number;
  belowThreshold?: number;
  nonMappable?: number;
  unassessed?: number;
}

const order: CoverageState[] = ['MAPPED', 'BELOW_THRESHOLD', 'NON_MAPPABLE', 'UNASSESSED'];

const parts = (t: Tally): [CoverageState, number][] => [
  ['MAPPED', t.mapped],
  ['BELOW_THRESHOLD', t.belowThreshold ?? 0],
  ['NON_MAPPABLE', t.nonMappable ?? 0],
  ['UNASSESSED', t.unassessed ?? t.total - t.mapped - (t.belowThreshold ?? 0) - (t.nonMappable ?? 0)],
];

/** The four states as one bar. */
export function ShareBar({ tally, tall = false }: { tally: Tally; tall?: boolean }) {
  const said = parts(tally)
    .filter(([, n]) => n > 0)
    .map(([s, n]) => `${stateNames[s]}: ${n}`)
    .join(', ');
  return (
    <div className={`share ${tall ? 'tall' : ''}`} role="img" aria-label={`${said} of ${tally.total}`}>
      {parts(tally).map(
        ([state, n]) =>
          n > 0 && (
            <span key={state} className={`fill-${state.toLowerCase()}`} style={{ width: `${(100 * n) / Math.max(1, tally.total)}%` }} />
          ),
      )}
    </div>
  );
}

/** What the bar's parts mean, with their numbers. */
export function ShareKey({ tally }: { tally?: Tally }) {
  return (
    <div>
      {order.map((state) => {
        const n = tally && parts(tally).find(([s]) => s === state)?.[1];
        return (
          <span className="key" key={state}>
            <i className={`fill-${state.toLowerCase()}`} aria-hidden /> {stateNames[state]}
            {n !== undefined && tally && (
              <>
                {' '}
                <strong>{count(n)}</strong> <span className="soft">{percent(tally.total ? n / tally.total : 0)}</span>
              </>
            )}
          </span>
        );
      })}
      <Link to="/about" className="key soft">
        What this does not mean
      </Link>
    </div>
  );
}
