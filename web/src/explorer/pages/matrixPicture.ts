// The matrix as a picture for documents: every technique, with its sub-techniques.
import { escapeXML } from '../download';
import { stateNames } from '../words';
import { labelOf, paint, threatOf, type Cell, type Look } from './Matrix';

interface Column {
  tactic: { name: string };
  techniques: readonly (Cell & { subtechniques: readonly Cell[] })[];
}

const width = 150;
const row = 20;
const top = 40;
const greys = {
  light: { page: '#ffffff', ink: '#1c2430', UNASSESSED: '#eceff2', NON_MAPPABLE: '#e6ddd0', BELOW_THRESHOLD: '#fbe3b8' },
  dark: { page: '#1a1d21', ink: '#e6eaf0', UNASSESSED: '#2a3038', NON_MAPPABLE: '#4a4238', BELOW_THRESHOLD: '#5a4718' },
};

export function matrixPicture(columns: readonly Column[], look: Look, dark: boolean) {
  const colors = dark ? greys.dark : greys.light;
  const parts: string[] = [];
  let deepest = 0;
  columns.forEach((column, i) => {
    const x = i * width;
    let y = top;
    parts.push(`<text x="${x + 4}" y="24" font-weight="700" font-size="11" fill="${colors.ink}">${escapeXML(column.tactic.name)}</text>`);
    const draw = (c: Cell, indent: number) => {
      const blue = c.state === 'MAPPED' ? paint(c, look.shade) : null;
      const fill = blue?.fill ?? (c.state === 'MAPPED' ? '' : colors[c.state]);
      const ink = blue?.ink ?? colors.ink;
      const level = threatOf(c, look.threat);
      const name = c.technique.name.length > 24 ? `${c.technique.name.slice(0, 23)}…` : c.technique.name;
      parts.push(
        `<g><title>${escapeXML(`${c.technique.attackId} ${c.technique.name}: ${stateNames[c.state]}`)}</title>` +
          `<rect x="${x + indent + 1}" y="${y + 1}" width="${width - indent - 3}" height="${row - 2}" rx="2" fill="${fill}"${level === 3 && c.state !== 'MAPPED' ? ' stroke="#d9480f" stroke-width="2"' : ''}/>` +
          (level > 0 ? `<rect x="${x + indent + 1}" y="${y + 1}" width="3" height="${((row - 2) * level) / 3}" fill="#d9480f"/>` : '') +
          `<text x="${x + indent + 7}" y="${y + 13.5}" font-size="9" fill="${ink}">${escapeXML(name)}</text>` +
          `<text x="${x + width - 6}" y="${y + 13.5}" font-size="9" font-weight="700" text-anchor="end" fill="${ink}">${escapeXML(labelOf(c, look.shade))}</text></g>`,
      );
      y += row;
    };
    for (const c of column.techniques) {
      draw(c, 0);
      for (const s of c.subtechniques) draw(s, 8);
    }
    deepest = Math.max(deepest, y);
  });
  const w = columns.length * width;
  const h = deepest + 10;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="system-ui, sans-serif"><rect width="${w}" height="${h}" fill="${colors.page}"/>${parts.join('')}</svg>`;
  return { svg, width: w, height: h };
}
