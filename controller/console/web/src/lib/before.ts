// What is different between two revisions of a document, field by field in words.
import type { Asset, Entry, Floor, Item, Window } from '../api/types';
import { t } from '../texts';
import { differences, type Words } from './differences';
import { floorWords } from './floors';
import { when } from './sentence';
import { bytes, dateWords, duration, languageName, list, momentWords, named, severityName, zoneWords } from './words';
import { local, ownZone } from './zone';

export interface Row {
  field: string;
  before: string;
  after: string;
}

/** What people call the documents that others name. */
export interface Names {
  site: (id: string) => string;
  department: (id: string) => string;
  screen: (id: string) => string;
  item: (id: string) => string;
  playlist: (id: string) => string;
  layout: (id: string) => string;
  closure: (id: string) => string;
}

type Fields = Record<string, unknown>;

/** An instant as the controller writes it, and the one that means never. */
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const never = '0001-01-01T00:00:00Z';

/** Fields that people do not write. */
const silent = ['id', 'revision', 'version', 'authors', 'approval', 'returned', 'origin', 'end', 'pins', 'problems', 'key', 'editable'];

/** The rows that differ; all that are filled where there was or is no document. */
export function rows(kind: string, before: Fields | undefined, after: Fields | undefined, names: Names, words: Words): Row[] {
  if (kind === 'item' && before && after) return itemRows(before as unknown as Item, after as unknown as Item, words);
  const fields = [...new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])].filter((f) => !silent.includes(f) && !(before && after && unsaid(before[f]) && unsaid(after[f])));
  return fields
    .map((field) => ({ field: t.changes.of[kind]?.[field] ?? label(field), before: said(field, before, names), after: said(field, after, names) }))
    .filter((row) => row.before !== row.after);
}

function label(field: string): string {
  return named({ ...t.review.fields, ...t.changes.fields }, field).replaceAll('_', ' ');
}

function itemRows(before: Item, after: Item, words: Words): Row[] {
  return differences(before, after, words).map((d) => ({
    field: d.language && d.field !== 'language' ? `${label(d.field)}, ${languageName(d.language)}` : label(d.field),
    before: d.seen ? t.review.thisOne : d.before ? itemWords(d.field, d.before) : t.parts.nothing,
    after: d.seen ? t.review.another : d.after ? itemWords(d.field, d.after) : t.parts.nothing,
  }));
}

/** What an item says in a field, as people say it. */
export function itemWords(field: string, value: string): string {
  switch (field) {
    case 'language':
      return languageName(value);
    case 'review_by':
      return dateWords(value);
    case 'from':
    case 'until':
      return dateWords(local(new Date(Date.parse(value) - (field === 'until' ? 1000 : 0)), ownZone()).date);
    case 'millis':
      return duration(Number(value));
    case 'phase':
      return named(t.words.phases, value);
    case 'platforms':
      return list(value.split(', ').map((p) => named(t.words.platforms, p)));
    case 'hand_off':
      return t.changes.yes;
    case 'severity':
      return severityName(Number(value));
    case 'template':
      return t.slide.templates[value as keyof typeof t.slide.templates]?.name ?? value;
    default:
      return value;
  }
}

function said(field: string, of: Fields | undefined, names: Names): string {
  const value = of?.[field];
  if (!of || empty(value)) return t.parts.nothing;
  switch (field) {
    case 'start':
      return when(of as unknown as Window);
    case 'entries':
      return (value as Entry[]).map((entry, n) => entryWords(entry, n, names)).join('\n');
    case 'floors':
      return (value as Floor[]).map((floor) => floorWords(floor, names.item)).join('\n');
    case 'rotation':
      return `${value}°`;
    case 'zone':
      return zoneWords(String(value));
    case 'logo':
      return pictureWords(value as Asset);
    case 'fallback':
      return languageName(String(value));
    default:
      return general(field, value, names);
  }
}

/** A picture, by its size: nobody knows it by its digest. */
function pictureWords(picture: Asset): string {
  return `${named(t.item.media, picture.medium)}, ${t.item.upTo(picture.width ?? 0, picture.height ?? 0)}`;
}

function empty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === never || (Array.isArray(value) && value.length === 0);
}

/** Nothing, or a no that need not be said. */
function unsaid(value: unknown): boolean {
  return empty(value) || value === false;
}

function entryWords(entry: Entry, n: number, names: Names): string {
  const how = [
    entry.millis ? duration(entry.millis) : '', t.changes.weight(entry.weight), entry.transition === 'fade' ? t.playlists.entry.fade : '',
    entry.fit === 'fill' ? t.playlists.entry.fill : '', entry.whole_only ? t.playlists.entry.wholeOnly : '',
  ];
  return t.changes.entry(n + 1, names.item(entry.item), list(how.filter(Boolean)));
}

/** Whose names stand for the ids in a field. */
const documents: Record<string, keyof Names> = {
  site: 'site', department: 'department', departments: 'department', screen: 'screen', item: 'item', playlist: 'playlist', filler: 'playlist', closed: 'playlist', layout: 'layout', closures: 'closure',
};

function general(field: string, value: unknown, names: Names): string {
  if (empty(value)) return '';
  if (Array.isArray(value)) return value.map((one) => general(field, one, names)).join('\n');
  if (typeof value === 'object') return Object.entries(value as Fields).filter(([, v]) => !empty(v)).map(([f, v]) => part(f, v, names)).join(', ');
  const by = documents[field];
  if (by) return names[by](String(value));
  if (typeof value === 'boolean') return value ? t.changes.yes : t.changes.no;
  if (field === 'bytes') return bytes(Number(value));
  if (field === 'millis') return duration(Number(value));
  if (instant.test(String(value))) return momentWords(String(value), ownZone());
  const spoken = { platforms: t.words.platforms, role: t.people.roles, severity: t.words.severities, action: t.changes.actions, ending: t.changes.endings, kind: { ...t.words.kinds, ...t.audit.kinds, ...t.changes.kinds } }[field];
  if (spoken) return named(spoken, String(value));
  if (field === 'dates' || field === 'first' || field === 'last') return dateWords(String(value));
  if (field === 'language') return languageName(String(value));
  return String(value);
}

/** A part of something that has several: its name where that says more than the value alone. */
function part(field: string, value: unknown, names: Names): string {
  if (value === true) return label(field);
  if (field === 'days' && Array.isArray(value)) return list(value.map((day) => t.schedule.sentence.dayNames[Number(day)] ?? ''));
  const side = t.changes.side[field];
  if (side) return side(Math.round(Number(value) * 100));
  const plain = documents[field] || ['action', 'language', 'name', 'from', 'to', 'email', 'webhook', 'kind', 'text', 'url'].includes(field);
  return plain ? general(field, value, names) : `${label(field)} ${general(field, value, names)}`;
}
