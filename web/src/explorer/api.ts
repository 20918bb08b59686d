// Asks the GraphQL API of the server that this page came from, and nothing else.
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { TypedDocumentString } from './gql/graphql';

/** An error of an answer, or of the way to it. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** extensions.code, or NETWORK where there was no answer. */
    readonly code: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

/** What went wrong, in words. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string; requestId?: string } }[];
}

export async function ask<T, V>(document: TypedDocumentString<T, V>, variables: V, signal?: AbortSignal): Promise<T> {
  let answer: Answer<T>;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: signal ?? null,
    });
    answer = (await response.json()) as Answer<T>;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('The server cannot be reached.', 'NETWORK');
  }
  const first = answer.errors?.[0];
  if (first) throw new ApiError(first.message, first.extensions?.code ?? 'UNKNOWN', first.extensions?.requestId);
  if (!answer.data) throw new ApiError('The answer has no data.', 'UNKNOWN');
  return answer.data;
}

/** What may be better the next time it is asked. */
export const passing = (error: unknown) => error instanceof ApiError && ['NETWORK', 'UNAVAILABLE', 'TIMEOUT'].includes(error.code);

/** Asks while the component is there, and keeps the last answer while the next is on its way. */
export function useAnswer<T, V>(document: TypedDocumentString<T, V>, variables: V, options: { enabled?: boolean } = {}): UseQueryResult<T> {
  return useQuery<T, Error, T, readonly unknown[]>({
    queryKey: [document.toString(), variables],
    queryFn: ({ signal }) => ask(document, variables, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
}
