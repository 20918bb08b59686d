import type { ReactNode } from 'react';

/** A text with its matches marked; spans count code points. */
export function Marked({ text, spans }: { text: string; spans: readonly { start: number; end: number }[] }) {
  const points = [...text];
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    parts.push(points.slice(at, start).join(''), <mark key={start}>{points.slice(start, end).join('')}</mark>);
    at = end;
  }
  parts.push(points.slice(at).join(''));
  return <>{parts}</>;
}
