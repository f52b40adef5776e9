// Reading and writing each kind of document. Every write names the revision that it was made from.
import { client, given } from './client';
import type { Kind, Kinds } from './types';

interface Documents<K extends Kind> {
  list: () => Promise<Kinds[K][]>;
  one: (id: string) => Promise<Kinds[K]>;
  /** Writes over the revision that the document names; revision 0 makes a new one. */
  put: (document: Kinds[K]) => Promise<Kinds[K]>;
  remove: (id: string, revision: number) => Promise<void>;
  /** Every kept revision, newest first. */
  revisions: (id: string) => Promise<Revision<Kinds[K]>[]>;
}

/** One kept version of a document, without it where it was deleted then. */
export interface Revision<D> {
  revision: number;
  by: string;
  at: string;
  deleted?: boolean;
  document?: D;
}

function of(id: string) {
  return { params: { path: { id } } };
}

function over(id: string, revision: number) {
  const header = revision ? { 'If-Match': `"${revision}"` } : { 'If-None-Match': '*' as const };
  return { params: { path: { id }, header } };
}

function without(id: string, revision: number) {
  return { params: { path: { id }, header: { 'If-Match': `"${revision}"` } } };
}

export const documents: { [K in Kind]: Documents<K> } = {
  sites: {
    list: async () => given(await client.GET('/api/v1/sites')).items,
    one: async (id) => given(await client.GET('/api/v1/sites/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/sites/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/sites/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/sites/{id}/revisions', of(id))).items,
  },
  departments: {
    list: async () => given(await client.GET('/api/v1/departments')).items,
    one: async (id) => given(await client.GET('/api/v1/departments/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/departments/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/departments/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/departments/{id}/revisions', of(id))).items,
  },
  screens: {
    list: async () => given(await client.GET('/api/v1/screens')).items,
    one: async (id) => given(await client.GET('/api/v1/screens/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/screens/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/screens/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/screens/{id}/revisions', of(id))).items,
  },
  items: {
    list: async () => given(await client.GET('/api/v1/items')).items,
    one: async (id) => given(await client.GET('/api/v1/items/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/items/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/items/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/items/{id}/revisions', of(id))).items,
  },
  playlists: {
    list: async () => given(await client.GET('/api/v1/playlists')).items,
    one: async (id) => given(await client.GET('/api/v1/playlists/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/playlists/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/playlists/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/playlists/{id}/revisions', of(id))).items,
  },
  layouts: {
    list: async () => given(await client.GET('/api/v1/layouts')).items,
    one: async (id) => given(await client.GET('/api/v1/layouts/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/layouts/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/layouts/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/layouts/{id}/revisions', of(id))).items,
  },
  windows: {
    list: async () => given(await client.GET('/api/v1/windows')).items,
    one: async (id) => given(await client.GET('/api/v1/windows/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/windows/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/windows/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/windows/{id}/revisions', of(id))).items,
  },
  closures: {
    list: async () => given(await client.GET('/api/v1/closures')).items,
    one: async (id) => given(await client.GET('/api/v1/closures/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/closures/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/closures/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/closures/{id}/revisions', of(id))).items,
  },
  topics: {
    list: async () => given(await client.GET('/api/v1/topics')).items,
    one: async (id) => given(await client.GET('/api/v1/topics/{id}', of(id))),
    put: async (d) => given(await client.PUT('/api/v1/topics/{id}', { ...over(d.id, d.revision), body: d })),
    remove: async (id, revision) => void (await client.DELETE('/api/v1/topics/{id}', without(id, revision))),
    revisions: async (id) => given(await client.GET('/api/v1/topics/{id}/revisions', of(id))).items,
  },
};
