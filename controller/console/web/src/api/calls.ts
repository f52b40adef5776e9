// Every call that the console makes. What stands here, a script can do too.
import { t } from '../texts';
import { client, given } from './client';
import { documents, type Revision } from './documents';
import { Problem } from './problem';
import type { paths } from './schema';
import { ownZone, today } from '../lib/zone';
import type { Checked, Dealt, Entry, FleetOutline, FleetScreen, Imported, Item, ItemUses, Kind, Kinds, MadeDocument, Organisation, Replacement, Report, Slide, TakeoverOrder } from './types';

type Question = paths['/api/v1/reports/impressions']['get']['parameters']['query'];

/** What is looked for in the library. */
export type LibraryQuery = Omit<NonNullable<paths['/api/v1/library']['get']['parameters']['query']>, 'limit' | 'offset'>;

/** What a report is about. */
export type ReportQuery = Pick<Question, 'from' | 'to' | 'department' | 'screen' | 'item'> & { by: 'item' | 'screen' | 'department' | 'day' };

export type PreviewOrder = paths['/api/v1/publications/preview']['post']['requestBody']['content']['application/json'];

/** What a player can be asked to do. */
export type Order = 'identify' | 'restart-stage' | 'reload';

/** What is changed of many screens alike. */
export interface ScreensChange { department?: string; rotation?: 0 | 90 | 180 | 270; add_tags?: string[]; remove_tags?: string[] }
/** The item and the revision of it that somebody decides about. */
function over(item: Item) {
  return { path: { id: item.id }, header: { 'If-Match': `"${item.revision}"` } };
}

const here = () => ({ params: { query: { today: today(ownZone()) } } });

export const api = {
  me: async () => given(await client.GET('/api/v1/me')),

  list: <K extends Kind>(kind: K): Promise<Kinds[K][]> => documents[kind].list(),
  one: <K extends Kind>(kind: K, id: string): Promise<Kinds[K]> => documents[kind].one(id),
  put: <K extends Kind>(kind: K, document: Kinds[K]): Promise<Kinds[K]> => documents[kind].put(document),
  remove: (kind: Kind, id: string, revision: number): Promise<void> => documents[kind].remove(id, revision),
  /** The kept revisions of a document, by the controller's word for its kind; undefined for what has none to show. */
  revisions: async (kind: string, id: string): Promise<Revision<Kinds[Kind]>[] | undefined> => {
    const many = `${kind}s` as Kind;
    return many in documents ? documents[many].revisions(id) : undefined;
  },
  organisation: async () => given(await client.GET('/api/v1/organisation')),
  putOrganisation: async (body: Organisation) => {
    const header = body.revision ? { 'If-Match': `"${body.revision}"` } : { 'If-None-Match': '*' as const };
    return given(await client.PUT('/api/v1/organisation', { params: { header }, body }));
  },

  /** Every screen in a few words; undefined while nothing has changed since the answer with that ETag. */
  outline: async (etag: string): Promise<{ fleet: FleetOutline; etag: string } | undefined> => {
    const { data, response } = await client.GET('/api/v1/fleet/outline', etag ? { params: { header: { 'If-None-Match': etag } } } : {});
    return response.status === 304 || !data ? undefined : { fleet: data, etag: response.headers.get('ETag') ?? '' };
  },
  /** All that is known of some screens. */
  fleet: async (screens: string[]): Promise<FleetScreen[]> => given(await client.GET('/api/v1/fleet', { params: { query: { screens } }, querySerializer: { array: { style: 'form', explode: false } } })).items,
  /** The screens that show something now whose title has these words. */
  showing: async (title: string): Promise<string[]> => given(await client.GET('/api/v1/fleet/showing', { params: { query: { title } } })).items,
  order: async (screens: string[], what: Order) => given(await client.POST('/api/v1/fleet/orders', { body: { screens, do: what } })),
  change: async (screens: string[], change: ScreensChange): Promise<Dealt> => given(await client.POST('/api/v1/fleet/changes', { body: { screens, ...change } })),
  revokeAll: async (screens: string[]): Promise<Dealt> => given(await client.POST('/api/v1/fleet/revocations', { body: { screens } })),
  reviews: async () => given(await client.GET('/api/v1/reviews', here())),
  reviewCounts: async () => given(await client.GET('/api/v1/reviews/counts', here())),
  approve: async (item: Item, reviewBy?: string, checks?: Checked[]) =>
    given(await client.POST('/api/v1/items/{id}/approve', { params: over(item), body: { version: item.version, review_by: reviewBy, checks } })),
  release: async (item: Item, reason: string) =>
    given(await client.POST('/api/v1/items/{id}/release', { params: over(item), body: { version: item.version, reason } })),
  sendBack: async (item: Item, reason: string, checks?: Checked[]) =>
    given(await client.POST('/api/v1/items/{id}/return', { params: over(item), body: { version: item.version, reason, checks } })),
  /** The reading grade of an item's English words. */
  reading: async (id: string) => given(await client.GET('/api/v1/items/{id}/reading', { params: { path: { id } } })),
  checklists: async () => given(await client.GET('/api/v1/checklists')).items,
  /** Every item by its name. */
  titles: async () => given(await client.GET('/api/v1/library/titles')).items,
  library: async (query: LibraryQuery, limit: number) => given(await client.GET('/api/v1/library', { params: { query: { ...query, limit } } })),
  itemUses: async (id: string): Promise<ItemUses> => given(await client.GET('/api/v1/items/{id}/uses', { params: { path: { id } } })),
  /** Puts another item in an item's place in every playlist; without another, takes it out of them. */
  replace: async (item: Item, other: string | undefined, remove: boolean): Promise<Replacement> =>
    given(await client.POST('/api/v1/items/{id}/replace', { params: over(item), body: { with: other, delete: remove } })),
  itemRevisions: async (id: string) => given(await client.GET('/api/v1/items/{id}/revisions', { params: { path: { id } } })).items,
  /** The words of a slide, by its digest. */
  slideWords: async (digest: string): Promise<Slide> =>
    given(await client.GET('/api/v1/assets/{digest}', { params: { path: { digest } }, parseAs: 'json' })) as unknown as Slide,

  smil: async (id: string) => given(await client.GET('/api/v1/screens/{id}/smil', { params: { path: { id } } })),
  makeSMIL: async (id: string) => given(await client.POST('/api/v1/screens/{id}/smil', { params: { path: { id } } })),
  revokeSMIL: async (id: string) => void (await client.DELETE('/api/v1/screens/{id}/smil', { params: { path: { id } } })),
  revoke: async (id: string) => void (await client.POST('/api/v1/screens/{id}/revoke', { params: { path: { id } } })),
  /** The newest picture of a screen; undefined if there is none yet. */
  snapshot: async (id: string): Promise<Blob | undefined> =>
    (await client.GET('/api/v1/screens/{id}/snapshot', { params: { path: { id } }, parseAs: 'blob' })).data,

  lookUpPairing: async (code: string) => given(await client.POST('/api/v1/pairings/lookup', { body: { code } })),
  claimPairing: async (code: string, screen: string) => void (await client.POST('/api/v1/pairings/claim', { body: { code, screen } })),

  upload: async (id: string) => given(await client.GET('/api/v1/uploads/{id}', { params: { path: { id } } })),
  /** One's own uploads, the newest first. */
  uploads: async () => given(await client.GET('/api/v1/uploads')).items,
  /** Calls an upload off; one that is not there any more is called off. */
  cancelUpload: async (id: string): Promise<void> => {
    try {
      await client.DELETE('/api/v1/uploads/{id}', { params: { path: { id }, header: { 'Tus-Resumable': '1.0.0' } } });
    } catch (thrown) {
      if (!(thrown instanceof Problem && thrown.status === 404)) throw thrown;
    }
  },
  makeSlide: async (body: Slide) => given(await client.POST('/api/v1/slides', { body })).rendition,
  previewSlide: async (body: Slide, width: number, signal?: AbortSignal): Promise<Blob> =>
    given(await client.POST('/api/v1/slides/preview', { params: { query: { width } }, body, signal, parseAs: 'blob' })),

  /** What an iCalendar file says of closed days. */
  readCalendar: async (file: Blob) => given(await client.POST('/api/v1/calendars/read', {
    body: file as unknown as string, bodySerializer: (body: unknown) => body as BodyInit, headers: { 'Content-Type': 'application/octet-stream' },
  })),
  /** What is in a file of health topics of MedlinePlus, and what becomes of those that are chosen. */
  importTopics: async (file: Blob, topics: string[], dry: boolean): Promise<Imported> => given(await client.POST('/api/v1/imports/medlineplus', {
    params: { query: { topics, dry_run: dry } }, querySerializer: { array: { style: 'form', explode: false } },
    body: file as unknown as string, bodySerializer: (body: unknown) => body as BodyInit, headers: { 'Content-Type': 'application/octet-stream' },
  })),
  fetchCalendar: async (url: string) => given(await client.POST('/api/v1/calendars/fetch', { body: { url } })),
  subscription: async (id: string) => given(await client.GET('/api/v1/closures/{id}/calendar', { params: { path: { id } } })),
  askSubscription: async (id: string) => given(await client.POST('/api/v1/closures/{id}/calendar', { params: { path: { id } } })),

  /** What windows do on some days: of one department, tag or screen. */
  schedule: async (of: { department?: string; tag?: string; screen?: string }, from: string, days: number) =>
    given(await client.GET('/api/v1/schedule', { params: { query: { ...of, from, days } } })),

  /** The loop that entries make, saved or not, on the screens of a department. */
  rehearse: async (department: string, entries: Entry[]) => given(await client.POST('/api/v1/playlists/rehearsal', { body: { department, entries } })),

  /** What publishing would do, or taking a publication back, or going back to one. */
  previewPublication: async (body: PreviewOrder) => given(await client.POST('/api/v1/publications/preview', { body })),
  /** What the second of two publications shows that the first does not. */
  comparePublications: async (before: number, after: number, days: number) =>
    given(await client.GET('/api/v1/publications/compared', { params: { query: { before, after, days } } })),
  publish: async (departments: string[], note: string, drafts?: string) => given(await client.POST('/api/v1/publications', { body: { departments, note, drafts } })),
  publishLater: async (departments: string[], note: string, at: string, drafts?: string) =>
    given(await client.POST('/api/v1/publications/waiting', { body: { departments, note, at, drafts } })),
  waitingPublications: async () => given(await client.GET('/api/v1/publications/waiting')).items,
  takeBack: async (number: number) => void (await client.DELETE('/api/v1/publications/waiting/{number}', { params: { path: { number } } })),
  goBack: async (way: { undo: number } | { back_to: number }) => given(await client.POST('/api/v1/publications', { body: way })),
  changesOf: async (number: number) => given(await client.GET('/api/v1/publications/{number}/changes', { params: { path: { number } } })).items,
  publications: async () => given(await client.GET('/api/v1/publications')).items,

  /** Approved wording for takeovers, and how many screens hold it. */
  wordings: async () => given(await client.GET('/api/v1/takeovers/templates')).items,
  tags: async () => given(await client.GET('/api/v1/tags')).items,
  renameTag: async (id: string, to: string) => given(await client.POST('/api/v1/tags/{id}/rename', { params: { path: { id } }, body: { to } })),
  backups: async () => given(await client.GET('/api/v1/backups')),
  notifications: async () => given(await client.GET('/api/v1/notifications')),
  testContacts: async (id: string) => given(await client.POST('/api/v1/departments/{id}/test-message', { params: { path: { id } } })).items,

  takeovers: async () => given(await client.GET('/api/v1/takeovers')).items,
  takeOver: async (body: TakeoverOrder) => given(await client.POST('/api/v1/takeovers', { body })),
  clear: async (id: string) => void (await client.POST('/api/v1/takeovers/{id}/clear', { params: { path: { id } } })),
  clearAll: async () => void (await client.POST('/api/v1/takeovers/clear')),

  timeline: async (id: string, date: string) => given(await client.GET('/api/v1/screens/{id}/timeline', { params: { path: { id }, query: { date } } })),
  why: async (id: string, at: string) => given(await client.GET('/api/v1/screens/{id}/why', { params: { path: { id }, query: { at } } })),
  coverage: async () => given(await client.GET('/api/v1/coverage')),
  voiceDemand: async (by: 'month' | 'week') => given(await client.GET('/api/v1/voice/demand', { params: { query: { by } } })),
  voiceWanted: async () => given(await client.GET('/api/v1/voice/wanted')),
  states: async () => given(await client.GET('/api/v1/states')),
  setState: async (id: string, state: string, minutes: number) => given(await client.PUT('/api/v1/departments/{id}/states/{state}', { params: { path: { id, state } }, body: { minutes } })),
  clearState: async (id: string, state: string) => given(await client.DELETE('/api/v1/departments/{id}/states/{state}', { params: { path: { id, state } } })),
  feeds: async (department: string) => given(await client.GET('/api/v1/departments/{id}/feeds', { params: { path: { id: department } } })),
  departmentTemplates: async () => given(await client.GET('/api/v1/department-templates')).items,
  proposeTemplate: async (id: string, template: string) => given(await client.GET('/api/v1/departments/{id}/template', { params: { path: { id }, query: { template } } })),
  applyTemplate: async (id: string, template: string, seen: string) => given(await client.POST('/api/v1/departments/{id}/template', { params: { path: { id } }, body: { template, seen } })),
  undoTemplate: async (id: string, documents: MadeDocument[]) => void (await client.POST('/api/v1/departments/{id}/template/undo', { params: { path: { id } }, body: { documents } })),
  demand: async (department: string) => given(await client.GET('/api/v1/departments/{id}/demand', { params: { path: { id: department } } })),
  async report(query: ReportQuery): Promise<Report> {
    const answer = given(await client.GET('/api/v1/reports/impressions', { params: { query }, headers: { Accept: 'application/json' } }));
    if (typeof answer === 'string') throw new Problem(0, t.problems.reportAsText, t.problems.reportAsTextHelp);
    return answer;
  },
};

/** Where a report is to be had as CSV. */
export function reportCSV(query: ReportQuery): string {
  const filled = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return `/api/v1/reports/impressions.csv?${new URLSearchParams(filled)}`;
}

/** Where an asset is to be had, small if a width is given. */
export function assetURL(digest: string, width?: number): string {
  return `/api/v1/assets/${encodeURIComponent(digest)}${width ? `?width=${width}` : ''}`;
}
