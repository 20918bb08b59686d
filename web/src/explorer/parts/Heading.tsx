import { useEffect, type ReactNode } from 'react';

const product = 'mapgraph';

/** Where the name of a page is said to those who listen, when another page has come. */
export const announcerId = 'page-name';

type Props = { children: string; title?: string } | { children: ReactNode; title: string };

/**
 * The heading of a page. Its title, or its text where there is none, names the tab, the bookmark and the entry in the
 * browser's history, so that these can be told apart.
 */
export function Heading({ children, title = children as string }: Props) {
  useEffect(() => {
    const name = `${title} · ${product}`;
    const announcer = document.getElementById(announcerId);
    // The first page is read by the browser itself.
    if (announcer && document.title !== product && document.title !== name) announcer.textContent = title;
    document.title = name;
  }, [title]);
  return <h1>{children}</h1>;
}
