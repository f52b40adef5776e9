// Closed days that count for a window whatever it says itself: those of the departments that it reaches.
import type { Department, Screen, Target } from '../api/types';
import { placed, reached } from './reach';

export interface Rest {
  closure: string;
  /** The departments that rest on these days, by id. */
  departments: string[];
  /** Every department that the window reaches does. */
  everywhere: boolean;
}

interface Ground {
  departments: Department[];
  screens: Screen[];
}

/** The sets on whose days a window rests because of where it is. */
export function restsOf(targets: Target[], except: Target[], all: Ground): Rest[] {
  // A department without a screen yet counts as well where it is named.
  const bare = all.departments.map((d) => ({ id: '', department: d.id, site: d.site }));
  const homes = new Set(reached(targets, except, bare).map((d) => d.department));
  // Only who names screens or tags reaches departments through their screens, of which there may be thousands.
  if (targets.some((t) => t.screen || t.tag)) {
    for (const s of reached(targets, except, placed(all.screens, all.departments))) homes.add(s.department);
  }
  const closing = all.departments.filter((d) => homes.has(d.id));
  const closures = [...new Set(closing.flatMap((d) => d.closures ?? []))];
  return closures.map((closure) => {
    const departments = closing.filter((d) => d.closures?.includes(closure)).map((d) => d.id);
    return { closure, departments, everywhere: departments.length === homes.size };
  });
}
