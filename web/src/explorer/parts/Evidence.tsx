// What a mapping rests on.
import { Spoiler } from '@mantine/core';
import { graphql } from '../gql';
import { Outside } from './Things';

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

/** A comment, folded where it is long. */
export function LongText({ text }: { text: string }) {
  if (text.length < 420) return <>{text}</>;
  return (
    <Spoiler maxHeight={96} showLabel="Read on" hideLabel="Less">
      {text}
    </Spoiler>
  );
}

/** Sources, by the host that they are at. */
export function References({ list }: { list: readonly { url?: string | null; raw: string }[] }) {
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
