// What a page shows when it has no answer, yet or at all.
import { Alert, Button, Center, Group, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconMoodEmpty } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { ApiError, messageOf, passing } from '../api';
import { Heading } from './Heading';

/** Says after some seconds that it takes long. */
export function Waiting({ what = 'Asking' }: { what?: string }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 4000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Center mih={240} role="status">
      <Stack align="center" gap="xs">
        <Loader aria-hidden />
        <Text size="sm">{long ? 'This takes longer than usual. The server may be loading a release for the first time.' : `${what}…`}</Text>
      </Stack>
    </Center>
  );
}

export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const api = error instanceof ApiError ? error : null;
  const lost = api?.code === 'NETWORK' || api?.code === 'UNAVAILABLE';
  return (
    <Alert
      m="md"
      color={lost ? 'gray' : 'red'}
      icon={lost ? <IconCloudOff /> : <IconAlertTriangle />}
      title={lost ? 'No answer from the server' : 'This could not be answered'}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{messageOf(error)}</Text>
        {api?.requestId && <Text size="xs">Request {api.requestId} in the server’s log.</Text>}
        <Group gap="xs">
          {again && (
            <Button size="compact-sm" variant="default" onClick={again}>
              {passing(error) ? 'Try again' : 'Ask again'}
            </Button>
          )}
          {!lost && (
            <Button size="compact-sm" variant="subtle" component="a" href={window.location.pathname}>
              Begin anew, without filters
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return (
    <Center mih={160}>
      <Stack align="center" gap="xs" maw={520} ta="center" className="nothing">
        <IconMoodEmpty aria-hidden />
        <Text size="sm">{children}</Text>
      </Stack>
    </Center>
  );
}

interface Asked<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  what?: string;
  /** The heading where there is no answer to name the page. */
  title?: string;
}

/** Shows an answer, or why there is none. While the next is on its way the last one stays, faded. */
export function Answered<T>({ query, children, what, title }: Asked<T>) {
  const face = query.error ? (
    <Trouble error={query.error} again={() => void query.refetch()} />
  ) : (
    query.data === undefined && <Waiting {...(what ? { what } : {})} />
  );
  if (face || query.data === undefined)
    return (
      <>
        {title && <Heading>{title}</Heading>}
        {face}
      </>
    );
  return (
    <div className={query.isPlaceholderData ? 'stale' : undefined} aria-busy={query.isPlaceholderData}>
      {children(query.data)}
    </div>
  );
}
