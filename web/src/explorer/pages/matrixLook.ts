// How a cell of the matrix looks, on the page and in a picture of it.
import { blueOf, blues, steps, threatLevel, threatSteps } from '../colors';
import type { MatrixPageQuery } from '../gql/graphql';
import { stateNames, stateSigns, words } from '../words';

export type Cell = MatrixPageQuery['matrix']['tactics'][number]['techniques'][number]['subtechniques'][number];

/** What the blue of a mapped cell tells. */
export const shades = ['count', 'best', 'state'] as const;
export type Shade = (typeof shades)[number];

/** What is laid over it: how much attackers use the technique. */
export const threats = ['none', 'groups', 'software', 'kev'] as const;
export type Threat = (typeof threats)[number];

export interface Look {
  shade: Shade;
  threat: Threat;
}

type Score = NonNullable<Cell['coverage'][number]['best'][number]['value']>;

// Lightest, middle and next to darkest, so that three steps stand well apart.
const scoreBlues: Record<Score, (typeof blues)[number]> = { MINIMAL: blues[0], PARTIAL: blues[3], SIGNIFICANT: blues[5] };
const ranks: Score[] = ['MINIMAL', 'PARTIAL', 'SIGNIFICANT'];

/** How many capabilities map a cell's technique. */
export const capabilitiesOf = (c: Cell) => c.coverage.reduce((sum, f) => sum + f.capabilityCount, 0);

const bestOf = (c: Cell) => ranks.findLast((rank) => c.coverage.some((f) => f.best.some((b) => b.value === rank)));

/** The blue of a mapped cell. */
export function paint(c: Cell, shade: Shade) {
  if (shade === 'state') return blues[4];
  if (shade === 'count') return blueOf(Math.max(1, capabilitiesOf(c)));
  return scoreBlues[bestOf(c) ?? 'MINIMAL'];
}

/** The word or number that a cell shows beside its name. */
export function labelOf(c: Cell, shade: Shade): string {
  if (c.state !== 'MAPPED') return stateSigns[c.state];
  if (shade === 'best') return bestOf(c)?.[0] ?? '–';
  const n = capabilitiesOf(c);
  return n > 0 ? String(n) : '●';
}

/** 0 to 3. */
export const threatOf = (c: Cell, threat: Threat) => (threat === 'none' ? 0 : threatLevel(c.weights[threat]));

/** Used most, and nothing is mapped to it. */
export const isHot = (c: Cell, threat: Threat) => threatOf(c, threat) === threatSteps.length && c.state !== 'MAPPED';

/** What the colours and signs of a look mean. */
export function legendOf({ shade, threat }: Look) {
  const counts = blues.map((b, i) => ({ fill: b.fill, text: `${steps[i]}${i === blues.length - 1 ? '+' : ''}` }));
  const bests = ranks.map((r) => ({ fill: scoreBlues[r].fill, text: `${r[0]} ${words(r)}` }));
  const mapped = { fill: blues[4].fill, text: stateNames.MAPPED };
  return {
    title: { count: 'capabilities', best: 'best score', state: '' }[shade],
    blues: { count: counts, best: bests, state: [mapped] }[shade],
    signs: [
      ...(shade === 'best' ? ['– mapped, not scored'] : []),
      ...(['UNASSESSED', 'NON_MAPPABLE', 'BELOW_THRESHOLD'] as const).map((s) => `${stateSigns[s]} ${stateNames[s]}`),
    ],
    threat:
      threat === 'none'
        ? null
        : `${threat === 'kev' ? 'exploited CVEs' : threat}: bar at ${threatSteps.join(', ')} or more; framed where ${threatSteps.at(-1)} or more and nothing is mapped`,
  };
}
