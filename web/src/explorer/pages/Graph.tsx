import { Button, Group, Loader, Select, useComputedColorScheme } from '@mantine/core';
import type cytoscape from 'cytoscape';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { ask, useAnswer } from '../api';
import { graphql } from '../gql';
import type { GraphNodeQuery } from '../gql/graphql';
import { Nothing, Trouble } from '../parts/Faces';
import { behind, carried, useQuestion, viewOnly } from '../question';
import { searchQuery } from '../search';
import { drawing, type Drawn } from './drawing';

const nodeQuery = graphql(`
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
const room = 60;
/** More nodes than this nobody can read. */
const most = 300;

interface Neighbourhood {
  nodes: Drawn[];
  edges: [string, string][];
  more: number;
}

/** What is tied to a node, told as nodes and edges. */
function neighboursOf(n: Found): Neighbourhood {
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
    label: `${t.attackId} ${t.name}`,
  });
  switch (n.__typename) {
    case 'Technique': {
      add(technique(n), n.id);
      for (const { capability: c } of n.mappings.nodes) {
        add({ id: c.framework.id, kind: 'framework', label: c.framework.name }, c.framework.id);
        add({ id: c.id, kind: 'capability', label: c.title ? `${c.capabilityId} ${c.title}` : c.capabilityId }, n.id);
        out.edges.push([c.id, c.framework.id]);
      }
      if (n.parent) add(technique(n.parent), n.id);
      for (const s of n.subtechniques) add(technique(s), n.id);
      for (const g of n.groups.slice(0, 12)) add({ id: g.id, kind: 'group', label: g.name }, n.id);
      out.more = Math.max(0, n.mappings.totalCount - n.mappings.nodes.length) + Math.max(0, n.groups.length - 12);
      break;
    }
    case 'Capability':
      add({ id: n.id, kind: 'capability', label: n.title ? `${n.capabilityId} ${n.title}` : n.capabilityId }, n.id);
      add({ id: n.framework.id, kind: 'framework', label: n.framework.label }, n.id);
      for (const m of n.mapped.nodes) add(technique(m.technique), n.id);
      out.more = n.mapped.totalCount - n.mapped.nodes.length;
      break;
    case 'Framework':
      add({ id: n.id, kind: 'framework', label: n.label }, n.id);
      for (const c of n.all.nodes)
        add({ id: c.id, kind: 'capability', label: c.title ? `${c.capabilityId} ${c.title}` : c.capabilityId }, n.id);
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

export default function Graph() {
  const { question, params, set } = useQuestion();
  const start = params.get('node') ?? 'framework:aws';
  const holder = useRef<HTMLDivElement>(null);
  const graph = useRef<cytoscape.Core | null>(null);
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [note, setNote] = useState('');
  const [size, setSize] = useState(0);
  const [chosen, setChosen] = useState<Drawn | null>(null);
  const [find, setFind] = useState('');
  const navigate = useNavigate();
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark';
  const { view } = question;
  const key = JSON.stringify(view);

  const grow = useCallback(
    async (id: string, signal?: AbortSignal) => {
      setBusy(true);
      setError(null);
      try {
        const { node } = await ask(nodeQuery, { id, view: JSON.parse(key) as typeof view, first: 400 }, signal);
        const cy = graph.current;
        if (!cy || signal?.aborted) return;
        if (!node) {
          setNote(`Nothing loaded has the id ${id}.`);
          return;
        }
        const around = neighboursOf(node);
        const fresh = around.nodes.filter((n) => cy.getElementById(n.id).empty());
        const free = Math.max(0, most - cy.nodes().length);
        const limit = Math.min(free, room + 8);
        const taken = new Set(fresh.slice(0, limit).map((n) => n.id));
        drawing.add(
          cy,
          id,
          fresh.filter((n) => taken.has(n.id)),
          around.edges.filter(
            ([a, b]) => (taken.has(a) || !cy.getElementById(a).empty()) && (taken.has(b) || !cy.getElementById(b).empty()),
          ),
        );
        const left = fresh.length - taken.size + around.more;
        setNote(left > 0 ? `${left} more are tied to it${free <= taken.size ? `; ${most} are all that can be read` : ''}.` : '');
        setSize(cy.nodes().length);
      } catch (problem) {
        if (!signal?.aborted) setError(problem);
      } finally {
        if (!signal?.aborted) setBusy(false);
      }
    },
    [key],
  );

  useEffect(() => {
    const stop = new AbortController();
    const place = holder.current;
    if (!place) return;
    // A place of its own: what is drawn next must not be taken down with it.
    const box = place.appendChild(document.createElement('div'));
    box.style.height = '100%';
    void drawing.open(box, dark).then(async (cy) => {
      if (stop.signal.aborted) {
        cy.destroy();
        return;
      }
      graph.current = cy;
      cy.on('tap', 'node', (e) => {
        const n = e.target as cytoscape.NodeSingular;
        setChosen({ id: n.id(), kind: n.data('kind') as Drawn['kind'], label: n.data('label') as string });
        void grow(n.id(), stop.signal);
      });
      await grow(start, stop.signal);
    });
    return () => {
      stop.abort();
      graph.current?.destroy();
      graph.current = null;
      box.remove();
    };
  }, [start, dark, grow]);

  const { data: found } = useAnswer(searchQuery, { text: find, view, first: 15 }, { enabled: find.trim().length > 1 });
  const choices = (found?.search.nodes ?? []).flatMap(({ node: n }) => {
    switch (n.__typename) {
      case 'Technique':
      case 'Group':
      case 'Software':
      case 'Campaign':
      case 'Mitigation':
      case 'Tactic':
        return [{ value: n.id, label: `${n.attackId} ${n.name}` }];
      case 'Capability':
        return [{ value: n.id, label: `${n.capabilityId} ${n.title ?? ''}` }];
      case 'Framework':
        return [{ value: n.id, label: n.label }];
    }
    return [];
  });
  const pageOf = (n: Drawn) => {
    const id = n.id.slice(n.id.indexOf(':') + 1);
    const last = id.slice(id.indexOf('/') + 1);
    if (n.kind === 'technique') return `/technique/${last}`;
    if (n.kind === 'group') return `/group/${last}`;
    if (n.kind === 'framework') return `/framework/${id}`;
    if (n.kind === 'capability') return `/capability/${id.slice(0, id.indexOf('/'))}/${encodeURIComponent(last)}`;
    return null;
  };
  const page = chosen && pageOf(chosen);
  return (
    <div className="page full">
      <h1>Graph</h1>
      <p className="lead">
        Techniques, capabilities and frameworks as they hang together. Click a node to see what is tied to it; drag to move, scroll to zoom.
      </p>
      <Group gap="sm" mb="sm" align="flex-end">
        <Select
          size="xs"
          w={340}
          searchable
          label="Begin with"
          placeholder="technique, capability, group…"
          data={choices}
          filter={({ options }) => options}
          searchValue={find}
          onSearchChange={setFind}
          value={null}
          onChange={(id) => id && set({ node: id })}
          nothingFoundMessage={find.trim().length > 1 ? 'Nothing found' : 'Type to search'}
        />
        {chosen && page && (
          <Button size="xs" variant="default" onClick={() => void navigate(behind(page, carried(params, viewOnly)))}>
            Open {chosen.label.slice(0, 30)}
          </Button>
        )}
        {chosen && (
          <Button size="xs" variant="default" onClick={() => set({ node: chosen.id })}>
            Begin anew from here
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => graph.current && drawing.fit(graph.current)}>
          Fit
        </Button>
        {busy && <Loader size="xs" aria-label="Asking" />}
        <span className="soft" role="status" data-testid="graph-size">
          {size} nodes. {note}
        </span>
      </Group>
      {error !== null && <Trouble error={error} again={() => void grow(chosen?.id ?? start)} />}
      <div
        ref={holder}
        className="graph-canvas"
        role="application"
        aria-label="Graph. The same ties are listed on the page of each node."
      />
      {size === 0 && !busy && !error && <Nothing>{note || 'Nothing to draw.'}</Nothing>}
      <div className="legend">
        {drawing.legend.map(([kind, color, shape]) => (
          <span key={kind}>
            <svg width="14" height="14" aria-hidden style={{ verticalAlign: -2, marginRight: 4 }}>
              {shape === 'ellipse' && <circle cx="7" cy="7" r="6" fill={color} />}
              {shape === 'rectangle' && <rect x="1" y="2" width="12" height="10" rx="2" fill={color} />}
              {shape === 'diamond' && <path d="M7 0 L14 7 L7 14 L0 7 Z" fill={color} />}
              {shape === 'triangle' && <path d="M7 1 L13 13 L1 13 Z" fill={color} />}
            </svg>
            {kind}
          </span>
        ))}
      </div>
    </div>
  );
}
