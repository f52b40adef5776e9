// What is typed and not saved yet, and the question that is asked before a page with it is left.
import { guard } from './router.svelte';

const forms = new Set<Edits>();
let leave = $state.raw<() => void>();

/** The question that waits for an answer: how to go on leaving, or undefined. */
export const leaving = {
  get on() {
    return leave;
  },
  /** Stays on the page. */
  stay(): void {
    leave = undefined;
  },
};

/** Reports whether anything on the page is typed and not saved. */
export function unsaved(): boolean {
  return [...forms].some((form) => form.changed);
}

/** A form's edits. Made while its component is made, it watches until that goes. */
export class Edits {
  #now: () => unknown;
  #kept = $state.raw<string>();

  /** now gives all that a person can change in the form. */
  constructor(now: () => unknown) {
    this.#now = now;
    $effect(() => {
      forms.add(this);
      return () => forms.delete(this);
    });
  }

  /** What the form says now is kept elsewhere: it was read, or written. */
  keep(): void {
    this.#kept = text(this.#now());
  }

  get changed(): boolean {
    return this.#kept !== undefined && text(this.#now()) !== this.#kept;
  }
}

/** Nothing, an empty text, an empty list and "no" are one: inputs turn each into another. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => (v === '' || v === null || v === false || (Array.isArray(v) && v.length === 0) ? undefined : v));
}

guard((go) => {
  if (!unsaved()) return true;
  leave = go;
  return false;
});

addEventListener('beforeunload', (event) => {
  if (unsaved()) event.preventDefault();
});
