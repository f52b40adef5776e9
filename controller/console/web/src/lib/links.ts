// Where a document is edited.
import { t } from '../texts';
import { named } from './words';

const pages: Record<string, string> = {
  screen: '/screens', item: '/library', playlist: '/playlists', layout: '/layouts', window: '/schedule', closure: '/closures', department: '/departments',
};

/** The page of a document, by the kind that the controller names; the hospital's page for all others. */
export function pageOf(kind: string, id: string): string {
  const base = pages[kind];
  if (kind === 'demand') return `/departments/${encodeURIComponent(id)}#demand`;
  if (kind === 'state') return '/clinic';
  if (kind === 'topic') return `/settings/topics?topic=${encodeURIComponent(id)}`;
  return base ? `${base}/${encodeURIComponent(id)}` : kind === 'organisation' ? '/settings' : '/hospital';
}

/** What people call a kind of document. */
export function kindName(kind: string): string {
  return named(t.words.kinds, kind);
}
