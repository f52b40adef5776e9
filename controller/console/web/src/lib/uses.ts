// Where a playlist is on: by windows, through layouts, as filler and on closed days.
import type { Department, Kinds, Window } from '../api/types';
import { t } from '../texts';
import { list } from './words';

export interface Uses {
  /** Windows that show it, by themselves or with their layout. */
  windows: Window[];
  /** Sentences about everything else that names it. */
  others: string[];
}

interface Users {
  windows: Window[];
  layouts: Kinds['layouts'][];
  departments: Department[];
}

/** What shows a playlist. */
export function usesOf(playlist: string, all: Users): Uses {
  const holding = all.layouts.filter((l) => l.regions?.some((r) => r.playlist === playlist));
  const windows = all.windows.filter((w) => w.playlist === playlist || holding.some((l) => l.id === w.layout));
  const idle = holding.filter((l) => !all.windows.some((w) => w.layout === l.id));
  const others = [
    told(t.playlists.inLayouts, idle.map((l) => t.playlists.idleLayout(l.name))),
    told(t.playlists.fillerOf, all.departments.filter((d) => d.filler === playlist).map((d) => d.name)),
    told(t.playlists.closedOf, all.departments.filter((d) => d.closed === playlist).map((d) => d.name)),
  ];
  return { windows, others: others.filter(Boolean) };
}

function told(how: (names: string) => string, names: string[]): string {
  return names.length ? how(list(names)) : '';
}
