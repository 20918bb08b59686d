// What a mapping rests on.
import { graphql } from '../gql';
import type { EvidenceFragment } from '../gql/graphql';
import { words } from '../words';
import type { Column } from './DataTable';
import { Folded } from './Folded';
import { Outside, Score } from './Things';

graphql(`
  fragment Evidence on Mapping {
    id
    mappingType {
      id
      name
    }
    relation
    scoreCategory
    scoreValue
    comments
    references {
      url
      raw
    }
    alignedFrom
  }
`);

/** The columns that say what mappings rest on; those that would be empty are left out. */
export const evidenceColumns = (list: readonly EvidenceFragment[]): (Column<EvidenceFragment> | false)[] => [
  { title: 'type', cell: (m) => m.mappingType.name ?? words(m.relation) },
  { title: 'score', cell: (m) => <Score category={m.scoreCategory ?? null} value={m.scoreValue ?? null} /> },
  list.some((m) => m.comments) && { title: 'comments', as: 'text', cell: (m) => m.comments && <LongText text={m.comments} /> },
  list.some((m) => m.references.length > 0) && { title: 'references', cell: (m) => <References list={m.references} /> },
];

/** A comment, folded where it is long. */
function LongText({ text }: { text: string }) {
  if (text.length < 420) return <>{text}</>;
  return <Folded height={96}>{text}</Folded>;
}

/** Sources, by the host that they are at. */
function References({ list }: { list: readonly { url?: string | null; raw: string }[] }) {
  return list.map((r, i) => (
    <div key={i}>{r.url ? <Outside href={r.url}>{hostOf(r.url)}</Outside> : <span className="soft">{r.raw}</span>}</div>
  ));
}

function hostOf(url: string) {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return url;
  }
}
