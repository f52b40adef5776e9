// What the person who is signed in may see of the console. The controller decides each request all the same.
import type { Me } from '../api/types';

/** Whoever can make people can do anything: only an administrator of the whole hospital. */
export function managesPeople(me: Me | undefined): boolean {
  return me?.role === 'administrator' && me.everywhere;
}
