// The pages of the console and where they are.
import type { Component } from 'svelte';
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
}

const pages: [pattern: string, title: Title, component: Component<never>][] = [
  ['/', 'screens', Screens],
  ['/screens/:id', 'screen', ScreenPage],
  ['/pair', 'pair', Pair],
  ['/pair/many', 'pairMany', PairMany],
  ['/library', 'library', Library],
  ['/library/:id', 'item', ItemPage],
  ['/library/:id/versions', 'versions', VersionsPage],
  ['/slides/new', 'slide', SlidePage],
  ['/playlists', 'playlists', Playlists],
  ['/playlists/:id', 'playlist', PlaylistPage],
  ['/layouts/:id', 'layout', LayoutPage],
  ['/schedule', 'schedule', Schedule],
  ['/schedule/:id', 'window', WindowPage],
  ['/calendar', 'calendar', CalendarPage],
  ['/closures/:id', 'closure', ClosurePage],
  ['/review', 'review', Review],
  ['/review/:id', 'review', ReviewPage],
  ['/publish', 'publish', Publish],
  ['/takeover', 'takeover', TakeoverPage],
  ['/reports', 'reports', Reports],
  ['/settings', 'settings', Settings],
  ['/hospital', 'hospital', Hospital],
  ['/people', 'people', People],
  ['/audit', 'audit', Audit],
  ['/account', 'account', Account],
  ['/departments/:id', 'department', DepartmentPage],
  ['/settings/tags', 'tags', SettingsTags],
  ['/settings/wordings', 'wordings', SettingsWordings],
  ['/settings/wordings/:id', 'wording', WordingPage],
  ['/settings/told', 'told', SettingsTold],
  ['/settings/backups', 'backups', SettingsBackups],
];

/** The page at an address; the one that says that there is none, if there is none. */
export function find(path: string): Found {
  for (const [pattern, title, component] of pages) {
    const params = match(pattern, path);
    if (params) return { title, component: component as unknown as Page, params, key: path };
  }
  return { title: 'missing', component: Missing as unknown as Page, params: {}, key: path };
}
