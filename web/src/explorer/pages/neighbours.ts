// What is tied to a node, as the graph draws it.
import { graphql } from '../gql';
import type { GraphNodeQuery } from '../gql/graphql';
import { idAndName } from '../words';
import type { Drawn } from './drawing';

export const nodeQuery = graphql(`
  query GraphNode($id: ID!, $view: ViewInput, $first: Int!) {
    node(id: $id) {
      __typename
      id
      ... on Technique {
        attackId
        name
        tactics {
          id
          name
        }
        parent {
          id
          attackId
          name
        }
        subtechniques {
          id
          attackId
          name
        }
        mappings(first: $first) {
          totalCount
          nodes {
            capability {
              id
              capabilityId
              canonicalId
              title: name
              framework {
                id
                frameworkId
                name
              }
            }
          }
        }
        groups {
          id
          attackId
          name
        }
      }
      ... on Capability {
        capabilityId
        title: name
        framework {
          id
          frameworkId
          label: name
        }
        mapped: mappings(view: $view, first: $first) {
          totalCount
          nodes {
            technique {
              id
              attackId
              name
            }
          }
        }
      }
      ... on Framework {
        frameworkId
        label: name
        all: capabilities(view: $view, first: $first) {
          totalCount
          nodes {
            id
            capabilityId
            title: name
          }
        }
      }
      ... on Group {
        attackId
        name
        used: techniques {
          id
          attackId
          name
        }
      }
      ... on Software {
        attackId
        name
        used: techniques {
          id
          attackId
          name
        }
      }
      ... on Campaign {
        attackId
        name
        used: techniques {
          id
          attackId
          name
        }
      }
      ... on Mitigation {
        attackId
        name
        used: techniques {
          id
          attackId
          name
        }
      }
      ... on Tactic {
        attackId
        name
        used: techniques {
          id
          attackId
          name
        }
      }
    }
  }
`);

type Found = NonNullable<GraphNodeQuery['node']>;

/** How many neighbours of one node are drawn at once; a note says how many more there are. */
export const room = 60;
export interface Neighbourhood {
  nodes: Drawn[];
  edges: [string, string][];
  more: number;
}

/** What is tied to a node, told as nodes and edges. */
export function neighboursOf(n: Found): Neighbourhood {
  const out: Neighbourhood = { nodes: [], edges: [], more: 0 };
  const seen = new Set<string>();
  const add = (node: Drawn, from: string) => {
    if (!seen.has(node.id)) {
      seen.add(node.id);
      out.nodes.push(node);
    }
    if (from !== node.id) out.edges.push([from, node.id]);
  };
  const technique = (t: { id: string; attackId: string; name: string }): Drawn => ({
    id: t.id,
    kind: 'technique',
    label: idAndName(t.attackId, t.name),
  });
  switch (n.__typename) {
    case 'Technique': {
      add(technique(n), n.id);
      for (const { capability: c } of n.mappings.nodes) {
        add({ id: c.framework.id, kind: 'framework', label: c.framework.name }, c.framework.id);
        add({ id: c.id, kind: 'capability', label: idAndName(c.capabilityId, c.title) }, n.id);
        out.edges.push([c.id, c.framework.id]);
      }
      if (n.parent) add(technique(n.parent), n.id);
      for (const s of n.subtechniques) add(technique(s), n.id);
      for (const g of n.groups.slice(0, 12)) add({ id: g.id, kind: 'group', label: g.name }, n.id);
      out.more = Math.max(0, n.mappings.totalCount - n.mappings.nodes.length) + Math.max(0, n.groups.length - 12);
      break;
    }
    case 'Capability':
      add({ id: n.id, kind: 'capability', label: idAndName(n.capabilityId, n.title) }, n.id);
      add({ id: n.framework.id, kind: 'framework', label: n.framework.label }, n.id);
      for (const m of n.mapped.nodes) add(technique(m.technique), n.id);
      out.more = n.mapped.totalCount - n.mapped.nodes.length;
      break;
    case 'Framework':
      add({ id: n.id, kind: 'framework', label: n.label }, n.id);
      for (const c of n.all.nodes) add({ id: c.id, kind: 'capability', label: idAndName(c.capabilityId, c.title) }, n.id);
      out.more = n.all.totalCount - n.all.nodes.length;
      break;
    case 'Group':
    case 'Software':
    case 'Campaign':
    case 'Mitigation':
    case 'Tactic':
      add({ id: n.id, kind: n.__typename === 'Group' ? 'group' : 'other', label: n.name }, n.id);
      for (const t of n.used.slice(0, room)) add(technique(t), n.id);
      out.more = Math.max(0, n.used.length - room);
      break;
  }
  // A capability that has several mappings to a technique is one line.
  out.edges = [...new Map(out.edges.map((e) => [[...e].sort().join(' '), e])).values()];
  return out;
}
