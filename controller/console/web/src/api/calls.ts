// Every call that the console makes. What stands here, a script can do too.
import { Problem, problemOf, unreachable } from './problem';
import type * as t from './types';

type Kind = keyof t.Kinds;

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { credentials: 'same-origin', ...init });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw unreachable();
  }
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    throw new Problem(401, 'You are signed out', 'Sign in again; this page comes back afterwards.');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function get<T>(path: string): Promise<T> {
  return (await (await request(path)).json()) as T;
}

async function send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await request(path, {
    method,
    headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

function part(text: string): string {
  return encodeURIComponent(text);
}

function query(values: Record<string, string | undefined>): string {
  const filled = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return filled.length ? `?${new URLSearchParams(filled)}` : '';
}

export const api = {
  me: () => get<t.Me>('/me'),

  async list<K extends Kind>(kind: K): Promise<t.Kinds[K][]> {
    return (await get<{ items: t.Kinds[K][] | null }>(`/${kind}`)).items ?? [];
  },
  one: <K extends Kind>(kind: K, id: string) => get<t.Kinds[K]>(`/${kind}/${part(id)}`),
  /** Writes a document; revision 0 makes a new one. */
  put: <K extends Kind>(kind: K, id: string, body: Omit<t.Kinds[K], 'revision'>, revision: number) =>
    send<t.Kinds[K]>('PUT', `/${kind}/${part(id)}`, body, made(revision)),
  remove: (kind: Kind, id: string, revision: number) => send<void>('DELETE', `/${kind}/${part(id)}`, undefined, made(revision)),
  organisation: () => get<t.Organisation>('/organisation'),
  putOrganisation: (body: t.Organisation, revision: number) => send<t.Organisation>('PUT', '/organisation', body, made(revision)),

  async fleet(): Promise<t.FleetScreen[]> {
    const answer = await get<{ screens?: t.FleetScreen[] | null; items?: t.FleetScreen[] | null }>('/fleet');
    return answer.screens ?? answer.items ?? [];
  },
  revoke: (screen: string) => send<void>('POST', `/screens/${part(screen)}/revoke`),
  async snapshot(screen: string): Promise<Blob | undefined> {
    try {
      return await (await request(`/screens/${part(screen)}/snapshot`)).blob();
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.status === 404) return undefined;
      throw thrown;
    }
  },

  lookUpPairing: (code: string) => send<t.PairingLookup>('POST', '/pairings/lookup', { code }),
  claimPairing: (code: string, screen: string) => send<void>('POST', '/pairings/claim', { code, screen }),

  upload: (id: string) => get<t.Upload>(`/uploads/${part(id)}`),
  makeSlide: (slide: t.Slide) => send<{ rendition: t.Rendition }>('POST', '/slides', slide),
  async previewSlide(slide: t.Slide, width: number, signal?: AbortSignal): Promise<Blob> {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(slide), signal };
    return (await request(`/slides/preview?width=${width}`, init)).blob();
  },

  previewPublication: (departments: string[]) => send<t.PublicationPreview>('POST', '/publications/preview', { departments }),
  publish: (departments: string[], note: string) => send<t.Publication>('POST', '/publications', { departments, note }),
  undo: (number: number) => send<t.Publication>('POST', '/publications', { undo: number }),
  async publications(): Promise<t.Publication[]> {
    return (await get<{ items: t.Publication[] | null }>('/publications')).items ?? [];
  },

  async takeovers(): Promise<t.Takeover[]> {
    return (await get<{ items: t.Takeover[] | null }>('/takeovers')).items ?? [];
  },
  takeOver: (order: t.TakeoverOrder) => send<t.Takeover>('POST', '/takeovers', order),
  clear: (id: string) => send<void>('POST', `/takeovers/${part(id)}/clear`),
  clearAll: () => send<void>('POST', '/takeovers/clear'),

  timeline: (screen: string, date: string) => get<t.Timeline>(`/screens/${part(screen)}/timeline${query({ date })}`),
  why: (screen: string, at: string) => get<t.Why>(`/screens/${part(screen)}/why${query({ at })}`),
  report: (q: ReportQuery) => get<t.Report>(`/reports/impressions${query({ ...q })}`),
};

export interface ReportQuery {
  from: string;
  to: string;
  by: 'item' | 'screen' | 'department' | 'day';
  department?: string;
  screen?: string;
  item?: string;
}

/** Where a report is to be had as CSV. */
export function reportCSV(q: ReportQuery): string {
  return `/api/v1/reports/impressions.csv${query({ ...q })}`;
}

/** Where an asset is to be had, small if a width is given. */
export function assetURL(digest: string, width?: number): string {
  return `/api/v1/assets/${part(digest)}${width ? `?width=${width}` : ''}`;
}

function made(revision: number): Record<string, string> {
  return revision ? { 'If-Match': `"${revision}"` } : { 'If-None-Match': '*' };
}
