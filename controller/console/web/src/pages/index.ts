// The pages of the console and where they are.
import type { Component } from 'svelte';
import { match } from '../lib/router.svelte';
import ClosurePage from './ClosurePage.svelte';
import DepartmentPage from './DepartmentPage.svelte';
import Hospital from './Hospital.svelte';
import ItemPage from './ItemPage.svelte';
import Library from './Library.svelte';
import Missing from './Missing.svelte';
import Pair from './Pair.svelte';
import PlaylistPage from './PlaylistPage.svelte';
import Playlists from './Playlists.svelte';
import Publish from './Publish.svelte';
import Reports from './Reports.svelte';
import Schedule from './Schedule.svelte';
import ScreenPage from './ScreenPage.svelte';
import Screens from './Screens.svelte';
import SlidePage from './SlidePage.svelte';
import TakeoverPage from './TakeoverPage.svelte';
import WindowPage from './WindowPage.svelte';

type Page = Component<Record<string, string>>;

interface Found {
  title: string;
  component: Page;
  params: Record<string, string>;
  /** Two addresses with the same key are the same page with other parameters kept. */
  key: string;
}

const pages: [pattern: string, title: string, component: Component<never>][] = [
  ['/', 'Screens', Screens],
  ['/screens/:id', 'Screen', ScreenPage],
  ['/pair', 'Pair a player', Pair],
  ['/library', 'Library', Library],
  ['/library/:id', 'Item', ItemPage],
  ['/slides/new', 'Write a slide', SlidePage],
  ['/playlists', 'Playlists', Playlists],
  ['/playlists/:id', 'Playlist', PlaylistPage],
  ['/schedule', 'Schedule', Schedule],
  ['/schedule/:id', 'Window', WindowPage],
  ['/closures/:id', 'Closed days', ClosurePage],
  ['/publish', 'Publish', Publish],
  ['/takeover', 'Take over screens', TakeoverPage],
  ['/reports', 'Reports', Reports],
  ['/hospital', 'Hospital', Hospital],
  ['/departments/:id', 'Department', DepartmentPage],
];

/** The page at an address; the one that says that there is none, if there is none. */
export function find(path: string): Found {
  for (const [pattern, title, component] of pages) {
    const params = match(pattern, path);
    if (params) return { title, component: component as unknown as Page, params, key: path };
  }
  return { title: 'No such page', component: Missing as unknown as Page, params: {}, key: path };
}
