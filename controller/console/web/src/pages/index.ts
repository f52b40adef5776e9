// The pages of the console and where they are.
import type { Component } from 'svelte';
import type { Need } from '../lib/rights.svelte';
import { match } from '../lib/router.svelte';
import type { Texts } from '../texts/en';
import Account from './Account.svelte';
import Audit from './Audit.svelte';
import CalendarPage from './CalendarPage.svelte';
import ClosurePage from './ClosurePage.svelte';
import DepartmentPage from './DepartmentPage.svelte';
import Hospital from './Hospital.svelte';
import ItemPage from './ItemPage.svelte';
import LayoutPage from './LayoutPage.svelte';
import Library from './Library.svelte';
import Missing from './Missing.svelte';
import Pair from './Pair.svelte';
import PairMany from './PairMany.svelte';
import People from './People.svelte';
import PlaylistPage from './PlaylistPage.svelte';
import Playlists from './Playlists.svelte';
import Publish from './Publish.svelte';
import Reports from './Reports.svelte';
import Review from './Review.svelte';
import ReviewPage from './ReviewPage.svelte';
import Schedule from './Schedule.svelte';
import Settings from './Settings.svelte';
import SettingsBackups from './SettingsBackups.svelte';
import SettingsTags from './SettingsTags.svelte';
import SettingsTold from './SettingsTold.svelte';
import SettingsWordings from './SettingsWordings.svelte';
import ScreenPage from './ScreenPage.svelte';
import Screens from './Screens.svelte';
import SlidePage from './SlidePage.svelte';
import TakeoverPage from './TakeoverPage.svelte';
import VersionsPage from './VersionsPage.svelte';
import WordingPage from './WordingPage.svelte';
import WindowPage from './WindowPage.svelte';

type Page = Component<Record<string, string>>;
type Title = keyof Texts['titles'];

interface Found {
  /** The page's name among the titles. */
  title: Title;
  component: Page;
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

const pages: [pattern: string, title: Title, component: Component<never>, need?: For][] = [
  ['/', 'screens', Screens],
  ['/screens/:id', 'screen', ScreenPage],
  ['/pair', 'pair', Pair, to('player', { only: true })],
  ['/pair/many', 'pairMany', PairMany, to('player', { only: true })],
  ['/library', 'library', Library],
  ['/library/:id', 'item', ItemPage, to('item')],
  ['/library/:id/versions', 'versions', VersionsPage],
  ['/slides/new', 'slide', SlidePage, to('upload', { only: true })],
  ['/playlists', 'playlists', Playlists],
  ['/playlists/:id', 'playlist', PlaylistPage, to('playlist')],
  ['/layouts/:id', 'layout', LayoutPage, to('layout')],
  ['/schedule', 'schedule', Schedule],
  ['/schedule/:id', 'window', WindowPage, to('window')],
  ['/calendar', 'calendar', CalendarPage],
  ['/closures/:id', 'closure', ClosurePage, to('closure')],
  ['/review', 'review', Review],
  ['/review/:id', 'review', ReviewPage],
  ['/publish', 'publish', Publish],
  ['/takeover', 'takeover', TakeoverPage],
  ['/reports', 'reports', Reports],
  ['/settings', 'settings', Settings, to('organisation')],
  ['/hospital', 'hospital', Hospital, to('site')],
  ['/people', 'people', People, seeing('user')],
  ['/audit', 'audit', Audit, seeing('audit')],
  ['/account', 'account', Account],
  ['/departments/:id', 'department', DepartmentPage, to('department')],
  ['/settings/tags', 'tags', SettingsTags, to('screen')],
  ['/settings/wordings', 'wordings', SettingsWordings, to('item')],
  ['/settings/wordings/:id', 'wording', WordingPage, to('item')],
  ['/settings/told', 'told', SettingsTold, to('department')],
  ['/settings/backups', 'backups', SettingsBackups, seeing('backup')],
];

/** What a page is for, with its department. What is new can only be made. */
function wanted(need: For | undefined, params: Record<string, string>): { need?: Need; only: boolean } {
  if (!need) return { only: false };
  const fresh = params.id === 'new';
  const department = need.kind === 'department' && !fresh ? params.id : undefined;
  return { need: { action: need.action, kind: need.kind, ...(department && { department }) }, only: need.only ?? fresh };
}

/** The page at an address; the one that says that there is none, if there is none. */
export function find(path: string): Found {
  for (const [pattern, title, component, need] of pages) {
    const params = match(pattern, path);
    if (params) return { title, component: component as unknown as Page, params, key: path, ...wanted(need, params) };
  }
  return { title: 'missing', component: Missing as unknown as Page, params: {}, key: path, only: false };
}
