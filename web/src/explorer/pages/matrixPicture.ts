// The matrix as a picture for documents: every technique, with its sub-techniques.
// It says what was asked and what the colours mean, since it leaves the page.
import { threatColor, threatSteps } from '../colors';
import { escapeXML } from '../download';
import { short, stateNames } from '../words';
import { isHot, labelOf, legendOf, paint, threatOf, type Cell, type Look } from './matrixLook';

interface Column {
  tactic: { name: string };
  techniques: readonly (Cell & { subtechniques: readonly Cell[] })[];
}

interface Asked {
  said: string;
  headline: string;
  columns: readonly Column[];
  look: Look;
  dark: boolean;
}

const width = 150;
const row = 20;
const top = 84;
const notice =
  'Mapped means that somebody tied a capability to the technique, not that it is prevented. © The MITRE Corporation: ATT&CK is reproduced and distributed with its permission. Mappings: Center for Threat-Informed Defense.';
const greys = {
  light: { page: '#ffffff', ink: '#1c2430', UNASSESSED: '#eceff2', NON_MAPPABLE: '#e6ddd0', BELOW_THRESHOLD: '#fbe3b8' },
  dark: { page: '#1a1d21', ink: '#e6eaf0', UNASSESSED: '#2a3038', NON_MAPPABLE: '#4a4238', BELOW_THRESHOLD: '#5a4718' },
};

export function matrixPicture({ said, headline, columns, look, dark }: Asked) {
  const colors = dark ? greys.dark : greys.light;
  const text = (x: number, y: number, size: number, content: string, more = `fill="${colors.ink}"`) =>
    `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escapeXML(content)}</text>`;
  const bold = `font-weight="700" fill="${colors.ink}"`;

  const cell = (c: Cell, x: number, y: number, indent: number) => {
    const blue = c.state === 'MAPPED' ? paint(c, look.shade) : null;
    const fill = blue?.fill ?? (c.state === 'MAPPED' ? '' : colors[c.state]);
    const ink = blue?.ink ?? colors.ink;
    const level = threatOf(c, look.threat);
    const room = indent > 0 ? 21 : 23;
    const name = short(c.technique.name, room);
    const frame = isHot(c, look.threat) ? ` stroke="${threatColor}" stroke-width="2"` : '';
    const bar = ((row - 2) * level) / threatSteps.length;
    return [
      `<g><title>${escapeXML(`${c.technique.attackId} ${c.technique.name}: ${stateNames[c.state]}`)}</title>`,
      `<rect x="${x + indent + 1}" y="${y + 1}" width="${width - indent - 3}" height="${row - 2}" rx="2" fill="${fill}"${frame}/>`,
      level > 0 ? `<rect x="${x + indent + 1}" y="${y + 1}" width="3" height="${bar}" fill="${threatColor}"/>` : '',
      text(x + indent + 7, y + 13.5, 9, name, `fill="${ink}"`),
      text(x + width - 6, y + 13.5, 9, labelOf(c, look.shade), `font-weight="700" text-anchor="end" fill="${ink}"`),
      '</g>',
    ].join('');
  };

  const legend = () => {
    const { title, blues, signs, threat } = legendOf(look);
    const parts: string[] = [];
    let x = 4;
    const say = (content: string) => {
      parts.push(text(x, 54, 10, content));
      x += content.length * 6 + 14;
    };
    if (title) say(title);
    for (const b of blues) {
      parts.push(`<rect x="${x}" y="45" width="12" height="11" rx="2" fill="${b.fill}"/>`);
      x += 16;
      say(b.text);
    }
    for (const sign of signs) say(sign);
    if (threat) say(threat);
    return parts.join('');
  };

  let deepest = top;
  const drawn = columns.map((column, i) => {
    const x = i * width;
    let y = top;
    const parts = [text(x + 4, top - 8, 11, column.tactic.name, bold)];
    const add = (c: Cell, indent: number) => {
      parts.push(cell(c, x, y, indent));
      y += row;
    };
    for (const c of column.techniques) {
      add(c, 0);
      for (const s of c.subtechniques) add(s, 8);
    }
    deepest = Math.max(deepest, y);
    return parts.join('');
  });

  const w = Math.max(columns.length * width, 900);
  const h = deepest + 24;
  const body = [
    `<rect width="${w}" height="${h}" fill="${colors.page}"/>`,
    text(4, 18, 14, headline, bold),
    text(4, 35, 11, said),
    legend(),
    ...drawn,
    text(4, h - 8, 8, notice),
  ].join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="system-ui, sans-serif">${body}</svg>`;
  return { svg, width: w, height: h };
}
