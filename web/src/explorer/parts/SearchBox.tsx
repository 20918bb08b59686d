// Ctrl-K: finds anything, with ids in any spelling.
import { Kbd, Loader, Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useId, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useAnswer } from '../api';
import { behind, carried, questionOf, viewOnly } from '../question';
import { hitsOf, searchQuery } from '../search';
import { Marked } from './Marked';

export function SearchBox({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size="lg" padding={0} yOffset="10vh" transitionProps={{ duration: 80 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <Modal.Body>{opened && <Box onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Box({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 120);
  const [at, setAt] = useState(0);
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const list = useId();
  const keep = carried(params, viewOnly);
  const { data, isFetching, error } = useAnswer(
    searchQuery,
    { text: asked, view: questionOf(params).view, first: 12 },
    { enabled: asked !== '' },
  );
  const hits = asked === '' ? [] : hitsOf(data?.search.nodes ?? []);
  useEffect(() => setAt(0), [asked]);
  const go = (to: string) => {
    onClose();
    void navigate(to);
  };
  const all = behind(`/search?q=${encodeURIComponent(text.trim())}`, keep);
  return (
    <div>
      <TextInput
        data-autofocus
        size="lg"
        variant="unstyled"
        px="md"
        placeholder="T1552.007, ac-2, APT29, CVE-2021-44228, credential…"
        aria-label="Search for"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-activedescendant={hits[at] ? `${list}-${at}` : undefined}
        leftSection={isFetching ? <Loader size={16} aria-hidden /> : <IconSearch size={18} aria-hidden />}
        leftSectionWidth={44}
        styles={{ input: { paddingInlineStart: 44 } }}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
            e.preventDefault();
            setAt((i) => Math.max(0, Math.min(hits.length - 1, i + (e.key === 'ArrowDown' ? 1 : -1))));
          }
          if (e.key === 'Enter' && text.trim()) go(hits[at] && asked === text.trim() ? behind(hits[at].to, keep) : all);
        }}
      />
      <div id={list} role="listbox" aria-label="Found" className="hits">
        {hits.map((h, i) => (
          <div
            key={h.key}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            className={`hit-line ${i === at ? 'at' : ''}`}
            onMouseEnter={() => setAt(i)}
            onClick={() => go(behind(h.to, keep))}
          >
            <span className="hit-kind">{h.kind}</span>
            <span>
              <span className="id">{h.id}</span> {h.name}
              {h.snippet && (
                <Text size="xs" className="soft" lineClamp={1}>
                  <Marked text={h.snippet} spans={h.spans} />
                </Text>
              )}
            </span>
          </div>
        ))}
      </div>
      <Text size="xs" className="soft" px="md" py="xs" role="status">
        {error
          ? error.message
          : asked && !isFetching && hits.length === 0
            ? 'Nothing found.'
            : data && asked
              ? `${data.search.totalCount} found. `
              : ''}
        <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> choose, <Kbd size="xs">Enter</Kbd> goes there
      </Text>
    </div>
  );
}
