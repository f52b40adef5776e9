// The documents that say where things are, and their names.
import type { Closure, Department, Playlist, Screen, Site } from '../api/types';
import { restsOf } from './closed';
import { namer } from './documents';
import type { Names } from './sentence';

export interface Places {
  sites: Site[];
  departments: Department[];
  screens: Screen[];
  playlists?: Playlist[];
  closures?: Closure[];
}

/** The names that sentences need. */
export function namesOf(all: Places): Names {
  return {
    playlist: namer(all.playlists),
    department: namer(all.departments),
    site: namer(all.sites),
    screen: namer(all.screens),
    closure: namer(all.closures),
    rests: (window) => restsOf(window.targets ?? [], window.except ?? [], all),
  };
}
