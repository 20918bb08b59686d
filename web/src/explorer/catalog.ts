// What there is to ask about: small, asked once, and shared by every page.
import { graphql } from './gql';
import { useAnswer } from './api';
import type { CapabilityChoicesQuery, ViewInput } from './gql/graphql';
import { idAndName } from './words';

const catalogQuery = graphql(`
  query Catalog {
    dataset {
      edition
      generation
      releases {
        id
        domain
        version
        isDefault
      }
    }
    frameworks {
      frameworkId
      name
      kind
    }
  }
`);

const scopeQuery = graphql(`
  query ScopeChoices($view: ViewInput) {
    tactics(view: $view) {
      shortName
      name
    }
    groups(view: $view, first: 1000) {
      totalCount
      nodes {
        attackId
        name
      }
    }
    softwareList(view: $view, first: 1000) {
      totalCount
      nodes {
        attackId
        name
      }
    }
    campaigns(view: $view, first: 1000) {
      totalCount
      nodes {
        attackId
        name
      }
    }
    coverage(view: $view) {
      byPlatform {
        platform
      }
    }
  }
`);

const capabilitiesQuery = graphql(`
  query CapabilityChoices($framework: ID!, $view: ViewInput, $after: String) {
    framework(id: $framework) {
      frameworkId
      groups(view: $view) {
        id
        name
        capabilityCount
      }
      capabilities(view: $view, first: 1000, after: $after) {
        totalCount
        nodes {
          capabilityId
          canonicalId
          name
          capabilityGroup {
            id
            name
          }
        }
      }
    }
  }
`);

export const useCatalog = () => useAnswer(catalogQuery, {});
/** Says a framework by its name; by its id as long as the names are not there. */
export function useFrameworkName() {
  const { data } = useCatalog();
  return (id: string | number) => data?.frameworks.find((f) => f.frameworkId === id)?.name ?? String(id);
}

/** The frameworks, to choose from. */
export function useFrameworkOptions() {
  const { data } = useCatalog();
  return (data?.frameworks ?? []).map((f) => ({ value: f.frameworkId, label: f.name }));
}

export const useScopeChoices = (view: ViewInput, enabled: boolean) => useAnswer(scopeQuery, { view }, { enabled });
export const useCapabilityChoices = (framework: string, view: ViewInput, enabled = true) =>
  useAnswer(capabilitiesQuery, { framework, view }, { enabled });

/** The capabilities of a framework, to choose from. */
export const optionsOf = (choices: CapabilityChoicesQuery | undefined) =>
  (choices?.framework?.capabilities.nodes ?? []).map((c) => ({ value: c.canonicalId, label: idAndName(c.capabilityId, c.name) }));

/** What a choice leaves out, since a page of the API has at most a thousand. */
export const leftOut = (list: { totalCount: number; nodes: readonly unknown[] } | undefined) =>
  list && list.totalCount > list.nodes.length ? ` (the first ${list.nodes.length} of ${list.totalCount})` : '';

/** The frameworks that count as coverage unless others are named. */
export const defends = (kind: string) => kind !== 'VULNERABILITY_CATALOG' && kind !== 'INCIDENT_TAXONOMY';
