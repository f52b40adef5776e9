// Saving a document so that a colleague's work is never overwritten unseen.
import { api } from '../api/calls';
import { Problem } from '../api/problem';
import type { Kind, Kinds } from '../api/types';
import { t } from '../texts';
import { announce } from './announce.svelte';
import type { Names } from './before';
import { everyName } from './documents';
import { Doing } from './loading.svelte';

export class Saving<K extends Kind> {
  doing = new Doing();
  /** Both versions, where somebody else saved first. */
  conflict = $state.raw<{ mine: Kinds[K]; theirs: Kinds[K]; names: Names }>();
  readonly kind: K;
  #saved: (document: Kinds[K]) => void;

  constructor(kind: K, saved: (document: Kinds[K]) => void) {
    this.kind = kind;
    this.#saved = saved;
  }

  /** Writes; true if it was written. A conflict is left for the person to settle. */
  async save(mine: Kinds[K]): Promise<boolean> {
    return this.doing.run(async () => {
      try {
        const document = await api.put(this.kind, mine);
        this.conflict = undefined;
        this.#saved(document);
        announce(t.parts.saved);
      } catch (thrown) {
        if (!(thrown instanceof Problem && thrown.stale) || mine.revision === 0) throw thrown;
        const [theirs, names] = await Promise.all([api.one(this.kind, mine.id), everyName()]);
        this.conflict = { mine, theirs, names };
      }
    });
  }

  /** Writes this person's version over the other. */
  keepMine = (): void => {
    const both = this.conflict;
    if (both) void this.save({ ...both.mine, revision: both.theirs.revision });
  };

  /** Goes on from the other version. */
  takeTheirs = (): void => {
    const both = this.conflict;
    this.conflict = undefined;
    if (both) this.#saved(both.theirs);
  };
}
