// What the person who is signed in may do, as the controller's access table says. It decides each request all the same.
import { api } from '../api/calls';
import type { Me } from '../api/types';
import { t } from '../texts';
import { capital, list, named } from './words';

type Right = Me['rights'][number];

let me = $state.raw<Me>();

/** Who is signed in, once that is known. */
export const who = {
  get me(): Me | undefined {
    return me;
  },
  set me(is: Me | undefined) {
    me = is;
  },
};

/** What a page is for: to look at something, or to do something to it, perhaps in one department. */
export interface Need {
  action: Right['action'];
  kind: string;
  /** Where the page is about one department, which. */
  department?: string;
  /** It takes who is responsible everywhere: a new department is nobody's own yet. */
  whole?: boolean;
}

function rightTo(need: Need): Right | undefined {
  return me?.rights.find((right) => right.action === need.action && right.kind === need.kind);
}

/** Whether something may be done: in all of the departments, or somewhere if none is named. Before that is known, the controller will say. */
export function can(action: Right['action'], kind: string, departments?: string[]): boolean {
  const right = rightTo({ action, kind });
  if (!me || !right) return !me;
  if (!right.own || !departments) return right.may;
  return right.may && departments.length > 0 && departments.every((d) => me?.departments.includes(d));
}

/** Whether something may be done to the hospital as a whole, or to a department that there is not yet. */
export const canEverywhere = (action: Right['action'], kind: string): boolean => can(action, kind, []);

/** The tags that somebody's windows and takeovers may name, since nobody else's screens have them; undefined for any. */
export async function ownTags(): Promise<string[] | undefined> {
  return me?.everywhere ? undefined : (await api.tags()).flatMap((use) => (use.own ? [use.tag] : []));
}

/** Whether a page can be used for what it is for. */
export function meets(need: Need): boolean {
  if (need.whole) return canEverywhere(need.action, need.kind);
  return can(need.action, need.kind, need.department === undefined ? undefined : [need.department]);
}

/** Whom to ask about what one may not do oneself. */
export function whoMay(need: Need): string {
  const right = rightTo(need);
  if (right?.may && !need.whole) return t.rights.elsewhere;
  if (me && right?.roles.includes(me.role)) return t.rights.whole;
  return t.rights.who(capital(list((right?.roles ?? ['administrator']).map((role) => named(t.rights.roles, role)))));
}
