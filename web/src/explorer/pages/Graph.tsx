import { Button, Group, Loader, Select, useComputedColorScheme } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAnswer } from '../api';
import { Nothing, Trouble } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { Count } from '../parts/Things';
import { behind, carried, split, useQuestion, viewOnly } from '../question';
import { searchQuery } from '../search';
import { idAndName, short } from '../words';
import { drawing, type Drawn, type Listed } from './drawing';
import { useGrowing } from './growing';

export default function Graph() {
  const { question, params, set } = useQuestion();
  const start = params.get('node') ?? 'framework:aws';
  const grown = [start, ...split(params.get('grown'))];
  const [tapped, setTapped] = useState<string | null>(null);
  const [find, setFind] = useState('');
  const navigate = useNavigate();
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark';
  const { view } = question;
  const choose = (id: string) => {
    setTapped(id);
    if (!grown.includes(id)) set({ grown: [...grown.slice(1), id].join(',') });
  };
  const { holder, cy, nodes, note, busy, error, again } = useGrowing({ grown, view, dark, tapped: choose });
  const begun = nodes.find((n) => n.id === start);
  const chosen = nodes.find((n) => n.id === tapped) ?? nodes.find((n) => n.id === grown.at(-1));
  useEffect(() => {
    if (cy && chosen) drawing.choose(cy, chosen.id);
  }, [cy, chosen]);

  const { data: found } = useAnswer(searchQuery, { text: find, view, first: 15 }, { enabled: find.trim().length > 1 });
  const choices = (found?.search.nodes ?? []).flatMap(({ node: n }) => {
    switch (n.__typename) {
      case 'Technique':
      case 'Group':
      case 'Software':
      case 'Campaign':
      case 'Mitigation':
      case 'Tactic':
        return [{ value: n.id, label: idAndName(n.attackId, n.name) }];
      case 'Capability':
        return [{ value: n.id, label: idAndName(n.capabilityId, n.title) }];
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
      <Heading title={begun ? `Graph: ${begun.label}` : 'Graph'}>Graph</Heading>
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
          onChange={(id) => id && set({ node: id, grown: null })}
          nothingFoundMessage={find.trim().length > 1 ? 'Nothing found' : 'Type to search'}
        />
        {chosen && page && (
          <Button size="xs" variant="default" onClick={() => void navigate(behind(page, carried(params, viewOnly)))}>
            Open {short(chosen.label, 30)}
          </Button>
        )}
        {chosen && chosen.id !== start && (
          <Button size="xs" variant="default" onClick={() => set({ node: chosen.id, grown: null })}>
            Begin anew from here
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => cy && drawing.fit(cy)}>
          Fit
        </Button>
        {busy && <Loader size="xs" aria-label="Asking" />}
        <span className="soft" role="status" data-testid="graph-size">
          {nodes.length} nodes. {note}
        </span>
      </Group>
      {error !== null && <Trouble error={error} again={again} />}
      <div ref={holder} className="graph-canvas" role="application" aria-label="Graph. Its nodes are listed below." />
      {nodes.length === 0 && !busy && !error && <Nothing>{note || 'Nothing to draw.'}</Nothing>}
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
      {nodes.length > 0 && <NodeList nodes={nodes} chosen={chosen?.id} choose={choose} />}
    </div>
  );
}

const kinds: [Drawn['kind'], string][] = [
  ['framework', 'Frameworks'],
  ['capability', 'Capabilities'],
  ['technique', 'Techniques'],
  ['group', 'Groups'],
  ['other', 'Others'],
];

interface ListProps {
  nodes: readonly Listed[];
  chosen: string | undefined;
  choose: (id: string) => void;
}

/** The graph for those who do not point: the same nodes, and a press does what a click on one does. */
function NodeList({ nodes, chosen, choose }: ListProps) {
  return (
    <details className="node-list no-print">
      <summary>The nodes as a list</summary>
      {kinds.map(([kind, title]) => {
        const list = nodes.filter((n) => n.kind === kind);
        return (
          list.length > 0 && (
            <section key={kind} aria-label={title}>
              <h2>
                {title} <Count>{list.length}</Count>
              </h2>
              <ul>
                {list.map((n) => (
                  <li key={n.id}>
                    <button type="button" aria-current={n.id === chosen ? 'true' : undefined} onClick={() => choose(n.id)}>
                      {n.label}
                    </button>
                    {n.grown && <span className="soft"> grown</span>}
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
    </details>
  );
}
