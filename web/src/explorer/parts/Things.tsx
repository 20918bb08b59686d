// Links to things, and how states and scores look.
import { Anchor, Badge, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { CoverageState, GapReason, ScoreCategory, ScoreValue } from '../gql/graphql';
import { carried, viewOnly } from '../question';
import { safeLink, stateSigns, stateText, words } from '../words';

const useKept = () => carried(useSearchParams()[0], viewOnly);

export function TechniqueLink({ id, name }: { id: string; name?: string | null }) {
  return (
    <Anchor component={Link} to={`/technique/${id}${useKept()}`} size="sm">
      <span className="id">{id}</span>
      {name && <> {name}</>}
    </Anchor>
  );
}

export function CapabilityLink({ framework, id, name }: { framework: string; id: string; name?: string | null }) {
  return (
    <Anchor component={Link} to={`/capability/${framework}/${encodeURIComponent(id)}${useKept()}`} size="sm">
      <span className="id">{id}</span>
      {name && <> {name}</>}
    </Anchor>
  );
}

export function FrameworkLink({ id, name }: { id: string; name: string }) {
  return (
    <Anchor component={Link} to={`/framework/${id}${useKept()}`} size="sm">
      {name}
    </Anchor>
  );
}

export type Actor = 'group' | 'software' | 'campaign';

function ActorLink({ kind, id, name }: { kind: Actor; id: string; name: string }) {
  return (
    <Anchor component={Link} to={`/${kind}/${id}${useKept()}`} size="sm">
      {name}
    </Anchor>
  );
}

interface ActorListProps {
  title: string;
  kind: Actor;
  list: readonly { attackId: string; name: string }[];
}

/** Groups, software or campaigns in a line; nothing where there are none. */
export function ActorList({ title, kind, list }: ActorListProps) {
  if (list.length === 0) return null;
  return (
    <p>
      <strong>{title}</strong> <Count>{list.length}</Count>{' '}
      {list.map((a, i) => (
        <span key={a.attackId}>
          {i > 0 && ', '}
          <ActorLink kind={kind} id={a.attackId} name={a.name} />
        </span>
      ))}
    </p>
  );
}

export function Outside({ href, children }: { href: string | null | undefined; children: ReactNode }) {
  const link = safeLink(href);
  if (!link) return <>{children}</>;
  return (
    <Anchor href={link} target="_blank" rel="noopener noreferrer" size="sm" className="outside">
      {children}
    </Anchor>
  );
}

export function State({ state, reason }: { state: CoverageState; reason?: GapReason | null }) {
  return (
    <span className={`state state-${state.toLowerCase()}`}>
      <span aria-hidden>{stateSigns[state]}</span> {stateText(state, reason)}
    </span>
  );
}

export function Score({ category, value }: { category?: ScoreCategory | null; value?: ScoreValue | null }) {
  if (!category && !value) return <span className="soft nowrap">not scored</span>;
  return (
    <span className="score">
      {words(category)} {value && <Strength value={value} />}
    </span>
  );
}

/** One, two or three bars, and the word. */
function Strength({ value }: { value: ScoreValue }) {
  const n = { MINIMAL: 1, PARTIAL: 2, SIGNIFICANT: 3 }[value];
  return (
    <Tooltip label={words(value)} withinPortal>
      <span className="strength">
        <span aria-hidden className="bars">
          {[1, 2, 3].map((i) => (
            <i key={i} className={i <= n ? 'on' : ''} />
          ))}
        </span>
        {words(value)}
      </span>
    </Tooltip>
  );
}

export function Count({ children }: { children: ReactNode }) {
  return (
    <Badge variant="light" color="gray" size="sm" tt="none" className="count">
      {children}
    </Badge>
  );
}
