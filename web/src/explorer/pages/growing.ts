// Keeps the drawing of a graph in step with what is asked for.
import type cytoscape from 'cytoscape';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { ask } from '../api';
import type { ViewInput } from '../gql/graphql';
import { drawing, type Listed } from './drawing';
import { neighboursOf, nodeQuery, room } from './neighbours';

/** More nodes than this nobody can read. */
const most = 300;

interface Asked {
  /** The nodes whose ties are drawn, the one that the graph begins with first. */
  grown: readonly string[];
  view: ViewInput;
  dark: boolean;
  tapped: (id: string) => void;
}

export interface Growing {
  holder: RefObject<HTMLDivElement | null>;
  cy: cytoscape.Core | null;
  nodes: readonly Listed[];
  /** What is left out, and why. */
  note: string;
  busy: boolean;
  error: unknown;
  again: () => void;
}

export function useGrowing({ grown, view, dark, tapped }: Asked): Growing {
  const holder = useRef<HTMLDivElement>(null);
  const [cy, setCy] = useState<cytoscape.Core | null>(null);
  const [nodes, setNodes] = useState<readonly Listed[]>([]);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const onTap = useRef(tapped);
  useEffect(() => {
    onTap.current = tapped;
  });
  const asked = JSON.stringify({ grown, view });
  const drawnAnew = JSON.stringify({ start: grown[0], view });

  useEffect(() => {
    const place = holder.current;
    if (!place) return;
    let gone = false;
    let made: cytoscape.Core | null = null;
    // A place of its own: what is drawn next must not be taken down with it.
    const box = place.appendChild(document.createElement('div'));
    box.style.height = '100%';
    drawing
      .open(box, dark, (id) => onTap.current(id))
      .then((opened) => {
        if (gone) return opened.destroy();
        made = opened;
        setCy(opened);
      })
      .catch(setError);
    return () => {
      gone = true;
      made?.destroy();
      box.remove();
    };
  }, [drawnAnew, dark, attempt]);

  useEffect(() => {
    if (!cy || cy.destroyed()) return;
    const stop = new AbortController();
    const wanted = JSON.parse(asked) as Pick<Asked, 'grown' | 'view'>;
    const follow = async () => {
      setBusy(true);
      setError(null);
      try {
        const before = drawing.grown(cy);
        const firstNew = wanted.grown.findIndex((id, i) => id !== before[i]);
        const kept = firstNew < 0 ? wanted.grown.length : firstNew;
        if (kept < before.length) drawing.shrink(cy, kept);
        setNote('');
        setNodes(drawing.list(cy));
        for (const id of wanted.grown.slice(kept)) {
          const left = await grow(cy, id, wanted.view, stop.signal);
          if (left === null) return;
          setNote(left);
          setNodes(drawing.list(cy));
        }
      } catch (problem) {
        if (!stop.signal.aborted) setError(problem);
      } finally {
        if (!stop.signal.aborted) setBusy(false);
      }
    };
    void follow();
    return () => stop.abort();
  }, [cy, asked, attempt]);

  return { holder, cy, nodes, note, busy, error, again: () => setAttempt((n) => n + 1) };
}

/** Draws what is tied to a node; says what that leaves out, and null where nobody waits for it any more. */
async function grow(cy: cytoscape.Core, id: string, view: ViewInput, signal: AbortSignal): Promise<string | null> {
  const { node } = await ask(nodeQuery, { id, view, first: 400 }, signal);
  if (signal.aborted || cy.destroyed()) return null;
  if (!node) return `Nothing loaded has the id ${id}.`;
  const around = neighboursOf(node);
  const fresh = around.nodes.filter((n) => cy.getElementById(n.id).empty());
  const free = Math.max(0, most - cy.nodes().length);
  const taken = fresh.slice(0, Math.min(free, room + 8));
  const there = new Set(taken.map((n) => n.id));
  const drawn = (end: string) => there.has(end) || cy.getElementById(end).nonempty();
  drawing.grow(
    cy,
    id,
    taken,
    around.edges.filter(([a, b]) => drawn(a) && drawn(b)),
  );
  const left = fresh.length - taken.length + around.more;
  if (left === 0) return '';
  return `${left} more ${left === 1 ? 'is' : 'are'} tied to it${free <= taken.length ? `; ${most} are all that can be read` : ''}.`;
}
