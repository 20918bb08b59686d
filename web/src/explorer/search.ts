import { graphql } from './gql';
import type { SearchQuery } from './gql/graphql';

export const searchQuery = graphql(`
  query Search($text: String!, $kinds: [SearchKind!], $view: ViewInput, $first: Int, $after: String) {
    search(text: $text, kinds: $kinds, view: $view, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        field
        snippet
        matches {
          start
          end
        }
        node {
          __typename
          id
          ... on Technique {
            attackId
            name
          }
          ... on Tactic {
            attackId
            name
            shortName
          }
          ... on Group {
            attackId
            name
          }
          ... on Software {
            attackId
            name
          }
          ... on Campaign {
            attackId
            name
          }
          ... on Mitigation {
            attackId
            name
            url
          }
          ... on Capability {
            framework {
              frameworkId
            }
            capabilityId
            title: name
          }
          ... on Framework {
            frameworkId
            label: name
          }
          ... on Mapping {
            capability {
              capabilityId
              framework {
                frameworkId
              }
            }
            technique {
              attackId
              name
            }
          }
        }
      }
    }
  }
`);

/** Something found, and where it is shown. */
export interface Hit {
  key: string;
  kind: string;
  id: string;
  name: string;
  to: string;
  snippet: string | null;
  spans: readonly { start: number; end: number }[];
}

type Found = SearchQuery['search']['nodes'][number];

// textOf gives what a hit says beside its id and name.
function textOf(found: Found): string | null {
  switch (found.field) {
    case 'id':
    case 'name':
    case 'alias':
      return null;
    case 'base':
      return 'The id that was typed is below this one, and is not in the data.';
    default:
      return found.snippet ?? null;
  }
}

function hitOf(found: Found): Hit | null {
  const n = found.node;
  const text = textOf(found);
  const hit = (kind: string, id: string, name: string, to: string): Hit => ({
    key: n.id,
    kind,
    id,
    name,
    to,
    snippet: text,
    spans: text && found.field !== 'base' ? found.matches : [],
  });
  switch (n.__typename) {
    case 'Technique':
      return hit('technique', n.attackId, n.name, `/technique/${n.attackId}`);
    case 'Tactic':
      return hit('tactic', n.attackId, n.name, `/matrix?tactic=${n.shortName}`);
    case 'Group':
      return hit('group', n.attackId, n.name, `/group/${n.attackId}`);
    case 'Software':
      return hit('software', n.attackId, n.name, `/software/${n.attackId}`);
    case 'Campaign':
      return hit('campaign', n.attackId, n.name, `/campaign/${n.attackId}`);
    case 'Mitigation':
      return hit('mitigation', n.attackId, n.name, `/graph?node=${encodeURIComponent(n.id)}`);
    case 'Capability':
      return hit(
        n.framework.frameworkId,
        n.capabilityId,
        n.title ?? '',
        `/capability/${n.framework.frameworkId}/${encodeURIComponent(n.capabilityId)}`,
      );
    case 'Framework':
      return hit('framework', n.frameworkId, n.label, `/framework/${n.frameworkId}`);
    case 'Mapping':
      return hit(
        'mapping',
        `${n.capability.capabilityId} → ${n.technique.attackId}`,
        n.technique.name,
        `/technique/${n.technique.attackId}`,
      );
  }
  return null;
}

/** What was found, as far as there is a page to show it on. */
export const hitsOf = (found: readonly Found[]): Hit[] => found.map(hitOf).filter((h) => h !== null);
