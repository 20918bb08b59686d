import type { ReactNode } from 'react';
import { Outside } from './Things';

// ATT&CK writes links and code in its texts as Markdown and HTML do, and marks citations.
const marks = /\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)|<code>(.*?)<\/code>|\s?\(Citation: [^)]*\)/gs;

/** A description, with its links and code, without the marks of citations. Nothing in it is taken for HTML. */
export function Prose({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const m of text.matchAll(marks)) {
    parts.push(text.slice(at, m.index));
    if (m[1] && m[2]) {
      parts.push(
        <Outside key={m.index} href={m[2]}>
          {m[1]}
        </Outside>,
      );
    } else if (m[3] !== undefined) {
      parts.push(<code key={m.index}>{m[3]}</code>);
    }
    at = m.index + m[0].length;
  }
  parts.push(text.slice(at));
  return <p className="prose">{parts}</p>;
}
