// Draws the graph with Cytoscape, which is fetched only when it is needed.
import type cytoscape from 'cytoscape';

export interface Drawn {
  id: string;
  kind: 'technique' | 'capability' | 'framework' | 'group' | 'other';
  label: string;
}

/** A node that is drawn, and whether what is tied to it was asked for. */
export interface Listed extends Drawn {
  grown: boolean;
}

const looks: Record<Drawn['kind'], { color: string; shape: cytoscape.Css.NodeShape; size: number }> = {
  technique: { color: '#0072b2', shape: 'ellipse', size: 20 },
  capability: { color: '#009e73', shape: 'round-rectangle', size: 18 },
  framework: { color: '#d55e00', shape: 'diamond', size: 34 },
  group: { color: '#cc79a7', shape: 'triangle', size: 20 },
  other: { color: '#7f8a97', shape: 'ellipse', size: 20 },
};

async function open(container: HTMLElement, dark: boolean, tapped: (id: string) => void): Promise<cytoscape.Core> {
  const [{ default: make }, { default: fcose }] = await Promise.all([import('cytoscape'), import('cytoscape-fcose')]);
  make.use(fcose);
  const ink = dark ? '#e6eaf0' : '#1c2430';
  const page = dark ? '#242424' : '#ffffff';
  const cy = make({
    container,
    minZoom: 0.15,
    maxZoom: 3,
    style: [
      {
        selector: 'node',
        style: {
          label: 'data(label)',
          'font-size': 8,
          color: ink,
          'text-wrap': 'ellipsis',
          'text-max-width': '110px',
          'text-valign': 'bottom',
          'text-margin-y': 3,
          'text-outline-color': page,
          'text-outline-width': 2,
          'min-zoomed-font-size': 6,
        },
      },
      ...Object.entries(looks).map(([kind, l]) => ({
        selector: `node[kind="${kind}"]`,
        style: { 'background-color': l.color, shape: l.shape, width: l.size, height: l.size },
      })),
      { selector: 'node[kind="framework"]', style: { 'font-size': 12, 'font-weight': 'bold' } },
      { selector: 'node.begun', style: { 'border-width': 3, 'border-color': ink } },
      { selector: 'node:selected', style: { 'border-width': 4, 'border-color': '#f0b400' } },
      { selector: 'edge', style: { width: 1, 'line-color': dark ? '#55606e' : '#c3cad4', 'curve-style': 'straight' } },
    ],
  });
  cy.on('tap', 'node', (e) => tapped((e.target as cytoscape.NodeSingular).id()));
  return cy;
}

/** The nodes whose ties were asked for, in the order in which they were. */
const grown = (cy: cytoscape.Core) => (cy.scratch('grown') as string[] | undefined) ?? [];

/** Puts nodes around one that is there, or begins with it, and lays all out anew from where they stand. */
function grow(cy: cytoscape.Core, from: string, nodes: readonly Drawn[], edges: readonly [string, string][]) {
  const first = cy.nodes().empty();
  const centre = first ? { x: 0, y: 0 } : cy.getElementById(from).position();
  const by = grown(cy).length;
  cy.batch(() => {
    nodes.forEach((n, i) => {
      const turn = (2 * Math.PI * i) / Math.max(1, nodes.length);
      const position = { x: centre.x + 120 * Math.cos(turn), y: centre.y + 120 * Math.sin(turn) };
      cy.add({ group: 'nodes', data: { ...n, by }, position });
    });
    for (const [a, b] of edges) {
      const id = [a, b].sort().join(' ');
      if (cy.getElementById(id).empty()) cy.add({ group: 'edges', data: { id, source: a, target: b, by } });
    }
    cy.getElementById(from).addClass('begun');
    cy.scratch('grown', [...grown(cy), from]);
  });
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const layout = {
    name: 'fcose',
    randomize: first,
    animate: !calm,
    animationDuration: 450,
    nodeDimensionsIncludeLabels: true,
    nodeSeparation: 110,
    idealEdgeLength: () => 110,
    nodeRepulsion: () => 14000,
    quality: 'default',
    padding: 30,
  };
  cy.layout(layout as unknown as cytoscape.LayoutOptions).run();
}

/** Takes away what growing brought, but for the first so many times. The rest stays where it is. */
function shrink(cy: cytoscape.Core, to: number) {
  cy.batch(() => {
    cy.elements(`[by >= ${to}]`).remove();
    for (const id of grown(cy).slice(to)) cy.getElementById(id).removeClass('begun');
    cy.scratch('grown', grown(cy).slice(0, to));
  });
}

const fit = (cy: cytoscape.Core) => cy.fit(undefined, 30);

/** What a node stands for. */
const drawn = (n: cytoscape.NodeSingular): Drawn => ({
  id: n.id(),
  kind: n.data('kind') as Drawn['kind'],
  label: n.data('label') as string,
});

/** Every node that is drawn, by label. */
const list = (cy: cytoscape.Core): Listed[] =>
  cy
    .nodes()
    .map((n) => ({ ...drawn(n), grown: n.hasClass('begun') }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));

/** Marks one node, and no other. */
function choose(cy: cytoscape.Core, id: string) {
  cy.nodes(':selected').unselect();
  cy.getElementById(id).select();
}

const legend: [string, string, string][] = [
  ['technique', looks.technique.color, 'ellipse'],
  ['capability', looks.capability.color, 'rectangle'],
  ['framework', looks.framework.color, 'diamond'],
  ['group', looks.group.color, 'triangle'],
];

export const drawing = { open, grow, grown, shrink, list, choose, fit, legend };
