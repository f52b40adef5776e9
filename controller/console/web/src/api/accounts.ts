// People, what opens the console to them, and what they did.
import { client, given } from './client';
import type { paths } from './schema';
import type { OneTimeLink, TokenDraft, UserDraft } from './types';

/** Which entries of the audit log. */
export type AuditQuestion = Pick<NonNullable<paths['/api/v1/audit']['get']['parameters']['query']>, 'by' | 'did' | 'kind' | 'id' | 'from' | 'to'>;

export const accounts = {
  users: async () => given(await client.GET('/api/v1/users')).items,
  putUser: async (body: UserDraft) => {
    const header = body.revision ? { 'If-Match': `"${body.revision}"` } : { 'If-None-Match': '*' as const };
    return given(await client.PUT('/api/v1/users/{id}', { params: { path: { id: body.name }, header }, body }));
  },
  /** A link by which a person chooses their own password, once; one from before does not work any more. */
  link: async (id: string): Promise<OneTimeLink> => given(await client.POST('/api/v1/users/{id}/link', { params: { path: { id } } })),
  sessionsOf: async (id: string) => given(await client.GET('/api/v1/users/{id}/sessions', { params: { path: { id } } })).items,
  /** Ends all sessions of a person, but the one that asks; how many there were. */
  endSessions: async (id: string): Promise<number> => given(await client.DELETE('/api/v1/users/{id}/sessions', { params: { path: { id } } })).ended,

  putPassword: async (old: string, password: string): Promise<void> => void (await client.PUT('/api/v1/me/password', { body: { old, password } })),
  sessions: async () => given(await client.GET('/api/v1/me/sessions')).items,
  endSession: async (id: string): Promise<void> => void (await client.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })),
  endOtherSessions: async (): Promise<number> => given(await client.DELETE('/api/v1/me/sessions')).ended,
  tokens: async () => given(await client.GET('/api/v1/me/tokens')).items,
  makeToken: async (body: TokenDraft) => given(await client.POST('/api/v1/me/tokens', { body })),
  revokeToken: async (id: string): Promise<void> => void (await client.DELETE('/api/v1/me/tokens/{id}', { params: { path: { id } } })),

  audit: async (query: AuditQuestion, before?: number) => given(await client.GET('/api/v1/audit', { params: { query: { ...query, ...(before ? { before } : {}) } } })),
  auditEntry: async (number: number) => given(await client.GET('/api/v1/audit/{number}', { params: { path: { number } } })),
};

/** Where what a search finds can be taken away. */
export function auditCSV(query: AuditQuestion): string {
  const asked = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return `/api/v1/audit.csv?${new URLSearchParams(asked)}`;
}
