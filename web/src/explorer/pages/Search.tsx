import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../api';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { Marked } from '../parts/Marked';
import { behind, carried, useQuestion, viewOnly } from '../question';
import { hitsOf, searchQuery } from '../search';
import { plural } from '../words';

export default function Search() {
  const { question, params, set } = useQuestion();
  const text = params.get('q') ?? '';
  const first = Math.min(Number(params.get('n') ?? '') || 50, 1000);
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const query = useAnswer(searchQuery, { text, view: question.view, first }, { enabled: text.trim() !== '' });
  const keep = carried(params, viewOnly);
  return (
    <div className="page">
      <Heading title={text ? `Search: ${text}` : 'Search'}>Search</Heading>
      <form
        role="search"
        onSubmit={(e) => {
          e.preventDefault();
          set({ q: typed.trim(), n: null });
        }}
      >
        <TextInput
          maw={560}
          mb="md"
          aria-label="Search for"
          placeholder="T1552.007, ac-2, APT29, CVE-2021-44228, credential…"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
      </form>
      {text.trim() === '' ? (
        <Nothing>Ids in any spelling, names, aliases, or words of descriptions and comments.</Nothing>
      ) : (
        <Answered query={query}>
          {({ search }) => {
            const hits = hitsOf(search.nodes);
            if (hits.length === 0) return <Nothing>Nothing found for “{text}”.</Nothing>;
            return (
              <>
                <p className="soft">{plural(search.totalCount, 'thing')} found.</p>
                {hits.map((h) => (
                  <div key={h.key} className="hit-line" style={{ paddingInline: 0, cursor: 'auto' }}>
                    <span className="hit-kind">{h.kind}</span>
                    <span>
                      <Link to={behind(h.to, keep)}>
                        <span className="id">{h.id}</span> {h.name}
                      </Link>
                      {h.snippet && (
                        <div className="soft">
                          <Marked text={h.snippet} spans={h.spans} />
                        </div>
                      )}
                    </span>
                  </div>
                ))}
                {search.pageInfo.hasNextPage && first < 1000 && (
                  <Button
                    mt="sm"
                    size="xs"
                    variant="default"
                    onClick={() => set({ n: String(Math.min(1000, first * 4)) }, { replace: true })}
                  >
                    Show more
                  </Button>
                )}
              </>
            );
          }}
        </Answered>
      )}
    </div>
  );
}
