// Which screens some targets name, as the controller will find them.
import type { FleetScreen, Screen, Target } from '../api/types';

interface Placed {
  id: string;
  department: string;
  site?: string;
  tags?: string[];
}

/** The screens that targets name, less the exceptions. */
export function reached<S extends Placed>(targets: Target[], except: Target[], screens: S[]): S[] {
  return screens.filter((s) => targets.some((t) => names(t, s)) && !except.some((t) => names(t, s)));
}

function names(target: Target, screen: Placed): boolean {
  if (target.all) return true;
  if (target.screen) return target.screen === screen.id;
  if (target.department) return target.department === screen.department;
  if (target.site) return target.site === screen.site;
  return Boolean(target.tag && screen.tags?.includes(target.tag));
}

/** Screens with the site of their department, as targets are held against them. */
export function placed(screens: Screen[], departments: { id: string; site: string }[]): Placed[] {
  const sites = new Map(departments.map((d) => [d.id, d.site]));
  return screens.map((s) => ({ id: s.id, department: s.department, site: sites.get(s.department), tags: s.tags }));
}

/** How many of some screens are linked at this moment. */
export function linked(ids: string[], fleet: FleetScreen[] = []): number {
  const up = new Set(fleet.filter((s) => s.linked).map((s) => s.id));
  return ids.filter((id) => up.has(id)).length;
}
