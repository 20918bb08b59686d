// The example queries, as the repository keeps and tests them.
const files = import.meta.glob<string>('../../../examples/*.graphql', { query: '?raw', import: 'default', eager: true });

export interface Example {
  name: string;
  title: string;
  about: string;
  query: string;
}

// The first comment line of a file is its title, the ones below it say more.
function read(query: string): Example {
  const comments = query
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#\s?/, ''));
  return {
    name: /query\s+(\w+)/.exec(query)?.[1] ?? 'Query',
    title: comments[0] ?? '',
    about: comments.slice(1).join(' '),
    query,
  };
}

export const examples: Example[] = Object.keys(files)
  .sort()
  .map((path) => read(files[path] ?? ''));
