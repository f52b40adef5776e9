// The pages of the console and where they are.
import type { Component } from 'svelte';
import type { Need } from '../lib/rights.svelte';
import { match } from '../lib/router.svelte';
import type { Texts } from '../texts/en';
import ItemPage from './ItemPage.svelte';
import Library from './Library.svelte';
import Missing from './Missing.svelte';
import PlaylistPage from './PlaylistPage.svelte';
import Playlists from './Playlists.svelte';
import Publish from './Publish.svelte';
import Review from './Review.svelte';
import ReviewPage from './ReviewPage.svelte';
import Schedule from './Schedule.svelte';
import ScreenPage from './ScreenPage.svelte';
import Screens from './Screens.svelte';
import TakeoverPage from './TakeoverPage.svelte';
import WindowPage from './WindowPage.svelte';

type Page = Component<Record<string, string>>;

/** A page that few people need, which is loaded when somebody goes there. */
interface Late { loaded?: Page; load: () => Promise<void> }

function late(load: () => Promise<{ default: Component<never> }>): Late {
  const page: Late = { load: async () => { page.loaded = (await load()).default as unknown as Page; } };
  return page;
}

type Title = keyof Texts['titles'];

interface Found {
  /** The page's name among the titles. */
  title: Title;
  /** Missing until it has been loaded. */
  component?: Page;
  load?: () => Promise<void>;
  params: Record<string, string>;
  /** Two addresses with the same key are the same page with other parameters kept. */
  key: string;
  /** What it is for, where not everybody may do that. Who may not can look at it all the same, unless it is only for that. */
  need?: Need;
  only: boolean;
}

type For = Omit<Need, 'department'> & { only?: boolean };

const to = (kind: string, more: Partial<For> = {}): For => ({ action: 'edit', kind, ...more });
const seeing = (kind: string): For => ({ action: 'see', kind, only: true });

const pages: [pattern: string, title: Title, component: Component<never> | Late, need?: For][] = [
  ['/', 'screens', Screens],
  ['/screens/:id', 'screen', ScreenPage],
  ['/pair', 'pair', late(() => import('./Pair.svelte')), to('player', { only: true })],
  ['/pair/many', 'pairMany', late(() => import('./PairMany.svelte')), to('player', { only: true })],
  ['/library', 'library', Library],
  ['/library/:id', 'item', ItemPage, to('item')],
  ['/library/:id/versions', 'versions', late(() => import('./VersionsPage.svelte'))],
  ['/slides/new', 'slide', late(() => import('./SlidePage.svelte')), to('upload', { only: true })],
  ['/playlists', 'playlists', Playlists],
  ['/playlists/:id', 'playlist', PlaylistPage, to('playlist')],
  ['/layouts/:id', 'layout', late(() => import('./LayoutPage.svelte')), to('layout')],
  ['/schedule', 'schedule', Schedule],
  ['/schedule/:id', 'window', WindowPage, to('window')],
  ['/calendar', 'calendar', late(() => import('./CalendarPage.svelte'))],
  ['/closures/:id', 'closure', late(() => import('./ClosurePage.svelte')), to('closure')],
  ['/review', 'review', Review],
  ['/review/:id', 'review', ReviewPage],
  ['/publish', 'publish', Publish],
  ['/clinic', 'clinic', late(() => import('./Clinic.svelte')), to('state')],
  ['/takeover', 'takeover', TakeoverPage],
  ['/reports', 'reports', late(() => import('./Reports.svelte'))],
  ['/coverage', 'coverage', late(() => import('./Coverage.svelte'))],
  ['/voice', 'voice', late(() => import('./Voice.svelte'))],
  ['/settings', 'settings', late(() => import('./Settings.svelte')), to('organisation')],
  ['/hospital', 'hospital', late(() => import('./Hospital.svelte')), to('site')],
  ['/people', 'people', late(() => import('./People.svelte')), seeing('user')],
  ['/audit', 'audit', late(() => import('./Audit.svelte')), seeing('audit')],
  ['/account', 'account', late(() => import('./Account.svelte'))],
  ['/departments/:id', 'department', late(() => import('./DepartmentPage.svelte')), to('department')],
  ['/settings/tags', 'tags', late(() => import('./SettingsTags.svelte')), to('screen')],
  ['/settings/topics', 'topics', late(() => import('./SettingsTopics.svelte')), to('topic')],
  ['/settings/topics/import', 'topicsImport', late(() => import('./SettingsTopicsImport.svelte')), to('topic', { only: true })],
  ['/settings/wordings', 'wordings', late(() => import('./SettingsWordings.svelte')), to('item')],
  ['/settings/wordings/:id', 'wording', late(() => import('./WordingPage.svelte')), to('item')],
  ['/settings/told', 'told', late(() => import('./SettingsTold.svelte')), to('department')],
  ['/settings/backups', 'backups', late(() => import('./SettingsBackups.svelte')), seeing('backup')],
];

/** What a page is for, with its department. What is new can only be made. */
function wanted(need: For | undefined, params: Record<string, string>): { need?: Need; only: boolean } {
  if (!need) return { only: false };
  const fresh = params.id === 'new';
  const department = need.kind === 'department' && !fresh ? params.id : undefined;
  const whole = need.kind === 'department' && fresh;
  return { need: { action: need.action, kind: need.kind, ...(department && { department }), ...(whole && { whole }) }, only: need.only ?? fresh };
}

/** The page at an address; the one that says that there is none, if there is none. */
export function find(path: string): Found {
  for (const [pattern, title, component, need] of pages) {
    const params = match(pattern, path);
    if (!params) continue;
    const page = 'load' in component ? { component: component.loaded, load: component.load } : { component: component as unknown as Page };
    return { title, ...page, params, key: path, ...wanted(need, params) };
  }
  return { title: 'missing', component: Missing as unknown as Page, params: {}, key: path, only: false };
}
