// How values of the API are said to people.
import type { CoverageState, Domain, FrameworkKind, GapReason } from './gql/graphql';

export const stateNames: Record<CoverageState, string> = {
  MAPPED: 'mapped',
  BELOW_THRESHOLD: 'below threshold',
  NON_MAPPABLE: 'declared non-mappable',
  UNASSESSED: 'unassessed',
};

export const reasonNames: Record<GapReason, string> = {
  SILENT: 'the mappings are silent',
  NEW_SINCE_MAPPING: 'newer than the mappings',
  RETIRED_BEFORE_MAPPING: 'retired before the mappings',
  UNKNOWN: 'no mappings to ask',
};

/** A sign beside the colour, since nobody should have to tell states by colour alone. */
export const stateSigns: Record<CoverageState, string> = { MAPPED: '●', BELOW_THRESHOLD: '◒', NON_MAPPABLE: '⊘', UNASSESSED: '○' };

export const kindNames: Record<FrameworkKind, string> = {
  CONTROL_FRAMEWORK: 'control framework',
  CLOUD_PLATFORM: 'cloud platform',
  HARDWARE_PLATFORM: 'hardware platform',
  VULNERABILITY_CATALOG: 'vulnerability catalog',
  INCIDENT_TAXONOMY: 'incident taxonomy',
};

/** An enum value in words. */
export const words = (constant: string | null | undefined) => (constant ?? '').toLowerCase().replaceAll('_', ' ');

export const domainName = (d: Domain) => (d === 'ICS' ? d : `${d.charAt(0)}${words(d).slice(1)}`);

/** A share with one decimal, rounded; only everything is 100 %, and only nothing is 0 %. */
export function percent(ratio: number): string {
  const tenths = Math.round(ratio * 1000);
  const shown = ratio > 0 && ratio < 1 ? Math.min(Math.max(tenths, 1), 999) : tenths;
  return `${(shown / 10).toFixed(1)} %`;
}

export const count = (n: number) => n.toLocaleString('en');

export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** An id and the name behind it, if it has one. */
export const idAndName = (id: string, name?: string | null) => (name ? `${id} ${name}` : id);

/** The beginning of a text that is longer than so many characters. */
export const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export const stateText = (state: CoverageState, reason?: GapReason | null) =>
  reason ? `${stateNames[state]}: ${reasonNames[reason]}` : stateNames[state];

/** Only web addresses are links: what a published file wrote is not trusted. */
export const safeLink = (url: string | null | undefined) => (url && /^https?:\/\//i.test(url) ? url : undefined);
