// Audits the GraphQL server at the URL given and prints one line of JSON for
// each audit: {"id", "name", "level", "status", "reason"?}. The exit code tells
// only whether the audits could be run.
import { serverAudits } from 'graphql-http';

const levels = ['MUST', 'SHOULD', 'MAY'];

const url = process.argv[2];
if (!url) {
  console.error('usage: node audit.js URL');
  process.exit(2);
}

for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { id, name, status, reason } = await audit.fn();
  const level = levels.find((l) => name.startsWith(l)) ?? 'OTHER';
  console.log(JSON.stringify({ id, name, level, status, reason }));
}
