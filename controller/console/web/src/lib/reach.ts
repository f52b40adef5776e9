// Which screens some targets name, as the controller will find them.
import type { Screen, Target } from '../api/types';

export interface Placed {
  id: string;
  department: string;
  site?: string;
  tags?: string[];
}

/** The screens that targets name, less the exceptions. */
export function reached<S extends Placed>(targets: Target[], except: Target[], screens: S[]): S[] {
  return screens.filter((s) => narrowness(targets, except, s) !== undefined);
}

/** How precisely targets name a screen: 4 itself, 3 a tag, 2 its department, 1 its site, 0 all; undefined if not at all. */
export function narrowness(targets: Target[], except: Target[], screen: Placed): number | undefined {
  if (except.some((t) => names(t, screen) !== undefined)) return undefined;
  const by = targets.map((t) => names(t, screen)).filter((n) => n !== undefined);
  return by.length ? Math.max(...by) : undefined;
}

function names(target: Target, screen: Placed): number | undefined {
  if (target.screen) return target.screen === screen.id ? 4 : undefined;
  if (target.tag) return screen.tags?.includes(target.tag) ? 3 : undefined;
  if (target.department) return target.department === screen.department ? 2 : undefined;
  if (target.site) return target.site === screen.site ? 1 : undefined;
  return target.all ? 0 : undefined;
}

/** Screens with the site of their department, as targets are held against them. */
export function placed(screens: Screen[], departments: { id: string; site: string }[]): Placed[] {
  const sites = new Map(departments.map((d) => [d.id, d.site]));
  return screens.map((s) => ({ id: s.id, department: s.department, site: sites.get(s.department), tags: s.tags }));
}
