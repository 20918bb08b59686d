// What is asked, as it stands in the address: every view is a link.
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type {
  Domain,
  MappingFilter,
  RollUp,
  ScopeInput,
  ScoreCategory,
  ScoreValue,
  StackInput,
  TechniqueLevel,
  ViewInput,
} from './gql/graphql';

export interface Question {
  frameworks: string[];
  stack: StackInput | null;
  view: ViewInput;
  filter: MappingFilter;
  scope: ScopeInput;
  rollUp: RollUp;
}

// The names in the address, short because addresses are shared.
export const names = {
  version: 'v',
  domain: 'd',
  frameworks: 'f',
  stack: 'stack',
  category: 'cat',
  minScore: 'min',
  unscored: 'unscored',
  tactics: 'tactic',
  platforms: 'platform',
  groups: 'group',
  software: 'software',
  campaigns: 'campaign',
  kev: 'kev',
  level: 'level',
  rollUp: 'roll',
} as const;

/** A list of the address. */
export const split = (text: string | null) => (text ? text.split(',').filter(Boolean) : []);
/** The text, if it is one of these. */
export const oneOf = <T extends string>(text: string | null, of: readonly T[]): T | undefined => of.find((o) => o === text);

export const domains: readonly Domain[] = ['ENTERPRISE', 'MOBILE', 'ICS'];
export const categories: readonly ScoreCategory[] = ['PROTECT', 'DETECT', 'RESPOND'];
export const scores: readonly ScoreValue[] = ['MINIMAL', 'PARTIAL', 'SIGNIFICANT'];
export const levels: readonly TechniqueLevel[] = ['ALL', 'TECHNIQUES', 'SUB_TECHNIQUES'];
export const rollUps: readonly RollUp[] = ['NONE', 'PARENT_IF_ANY_CHILD', 'PARENT_IF_ALL_CHILDREN', 'CHILDREN_OF_MAPPED_PARENT'];

/** Reads a stack; what has not the shape of one is as if it were not there. */
function stackOf(text: string | null): StackInput | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const lists = Object.entries(value).every(([key, list]) => key === 'layer' || (Array.isArray(list) && list.every(Boolean)));
    return lists ? (value as StackInput) : null;
  } catch {
    return null;
  }
}

/** Reads a question from the parameters of an address. Empty fields are left out, so that equal questions are equal. */
export function questionOf(p: URLSearchParams): Question {
  const list = <K extends string>(key: K, values: string[]) => (values.length > 0 ? { [key]: values } : {});
  const category = split(p.get(names.category)).filter((c): c is ScoreCategory => (categories as readonly string[]).includes(c));
  const minScore = oneOf(p.get(names.minScore), scores);
  const level = oneOf(p.get(names.level), levels);
  const domain = oneOf(p.get(names.domain), domains);
  const version = p.get(names.version);
  return {
    frameworks: split(p.get(names.frameworks)),
    stack: stackOf(p.get(names.stack)),
    view: { ...(domain ? { domain } : {}), ...(version ? { attackVersion: version } : {}) },
    filter: {
      ...list('categories', category),
      ...(minScore ? { minScore } : {}),
      ...(p.get(names.unscored) ? { includeUnscored: true } : {}),
    },
    scope: {
      ...list('tactics', split(p.get(names.tactics))),
      ...list('platforms', split(p.get(names.platforms))),
      ...list('groups', split(p.get(names.groups))),
      ...list('software', split(p.get(names.software))),
      ...list('campaigns', split(p.get(names.campaigns))),
      ...(p.get(names.kev) ? { kevOnly: true } : {}),
      ...(level && level !== 'ALL' ? { level } : {}),
    },
    rollUp: oneOf(p.get(names.rollUp), rollUps) ?? 'NONE',
  };
}

/**
 * The variables of a question; without frameworks and stack every defence is
 * asked. Frameworks that an address has beside a stack are not asked: the API
 * would count them as owned, and the page shows only the stack.
 */
export function variablesOf(q: Question) {
  return {
    frameworks: q.frameworks.length > 0 && !q.stack ? q.frameworks : null,
    stack: q.stack,
    view: q.view,
    filter: q.filter,
    scope: q.scope,
    rollUp: q.rollUp,
  };
}

/** The question of the address, and a way to change the address. */
export function useQuestion() {
  const [params, setParams] = useSearchParams();
  const question = useMemo(() => questionOf(params), [params]);
  /** Sets parameters; an empty value takes one away. With replace the step back skips it. */
  const set = (changes: Record<string, string | null>, options: { replace?: boolean } = {}) => {
    // The address itself: what was rendered last may be a change behind.
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setParams(next, { replace: options.replace ?? false });
  };
  return { question, params, set };
}

/** The part of the address that other pages go on with: the view, and what is asked. */
export function carried(params: URLSearchParams, keep: readonly string[] = Object.values(names)): string {
  const next = new URLSearchParams();
  for (const name of keep) {
    const value = params.get(name);
    if (value) next.set(name, value);
  }
  const text = next.toString();
  return text ? `?${text}` : '';
}

/** Only the view. */
export const viewOnly = [names.version, names.domain] as const;

/** Puts what is carried behind a path that may have parameters of its own. */
export const behind = (to: string, kept: string) => (to.includes('?') ? to + kept.replace('?', '&') : to + kept);
