// What is asked, in words: for buttons, chips, pictures and paper.
import { useCatalog, useFrameworkName, useScopeChoices } from './catalog';
import type { ScopeChoicesQuery, StackInput } from './gql/graphql';
import { names, useQuestion } from './question';
import { domainName, plural, words } from './words';

/** A stack in a few words. */
export function sayStack(s: StackInput): string {
  const parts = [
    ...(s.baselines ?? []).map((b) => `${b.name} baseline`),
    ...(s.licences ?? []).map((l) => l.tier),
    ...(s.frameworks ?? []),
    ...(s.capabilityGroups ?? []).map((g) => `${g.framework}/${g.group}`),
  ];
  if (s.capabilities?.length) parts.push(plural(s.capabilities.length, 'capability', 'capabilities'));
  if (s.techniques?.length) parts.push(plural(s.techniques.length, 'own technique'));
  return parts.length ? parts.join(', ') : 'nothing yet';
}

export const filterNames = [
  names.category,
  names.minScore,
  names.unscored,
  names.tactics,
  names.platforms,
  names.groups,
  names.software,
  names.campaigns,
  names.kev,
  names.level,
  names.rollUp,
];

/** The filters that the address has by id. */
const byId: string[] = [names.groups, names.software, names.campaigns, names.tactics];

function sayFilter(name: string, value: string, choices: ScopeChoicesQuery | undefined): string {
  const actors = [...(choices?.groups.nodes ?? []), ...(choices?.softwareList.nodes ?? []), ...(choices?.campaigns.nodes ?? [])];
  const list = value
    .split(',')
    .map((v) => actors.find((a) => a.attackId === v)?.name ?? choices?.tactics.find((t) => t.shortName === v)?.name ?? v)
    .join(', ');
  switch (name) {
    case names.category:
      return words(list);
    case names.minScore:
      return `at least ${words(value)}`;
    case names.unscored:
      return 'unscored too';
    case names.groups:
    case names.software:
      return `used by ${list}`;
    case names.campaigns:
      return `used in ${list}`;
    case names.kev:
      return 'exploited vulnerabilities';
    case names.level:
      return words(value);
    case names.rollUp:
      return `roll-up: ${words(value)}`;
  }
  return list;
}

/** The filters of the address in words, each with the parameter that says it. */
export function useFilters(): { name: string; said: string }[] {
  const { question, params } = useQuestion();
  const active = filterNames.filter((n) => params.get(n));
  const { data: choices } = useScopeChoices(
    question.view,
    active.some((n) => byId.includes(n)),
  );
  return active.map((name) => ({ name, said: sayFilter(name, params.get(name) ?? '', choices) }));
}

/**
 * What the address asks, in a line; everything is who answers where nobody is
 * named, and null where nobody can be.
 */
export function useSaid(everything: string | null, stack = true): string {
  const { question } = useQuestion();
  const { data: catalog } = useCatalog();
  const filters = useFilters();
  const domain = question.view.domain ?? 'ENTERPRISE';
  const byDefault = catalog?.dataset.releases.find((r) => r.domain === domain && r.isDefault)?.version ?? '';
  const nameOf = useFrameworkName();
  const who = stack && question.stack ? `a stack of ${sayStack(question.stack)}` : question.frameworks.map(nameOf).join(', ') || everything;
  return [
    `ATT&CK ${domainName(domain)} ${question.view.attackVersion ?? byDefault}`,
    ...(everything === null ? [] : [`by ${who}`]),
    ...filters.map((f) => f.said),
  ].join('; ');
}
