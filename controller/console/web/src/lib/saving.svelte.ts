// Saving and removing a document so that a colleague's work is never overwritten or thrown away unseen.
import { accounts } from '../api/accounts';
import { api } from '../api/calls';
import { documents } from '../api/documents';
import { Problem } from '../api/problem';
import type { Item, Kind, Kinds, Organisation, UserDraft } from '../api/types';
import { t } from '../texts';
import { announce } from './announce.svelte';
import { rows, type Row } from './before';
import { everyName } from './documents';
import { Doing } from './loading.svelte';
import { wordsOf } from './slides';

/** What is written over the version that its writer saw. */
export interface Savable extends Kinds {
  organisation: Organisation;
  users: UserDraft;
}

const stores: { [K in keyof Savable]: { put: (document: Savable[K]) => Promise<Savable[K]> } } = {
  ...documents, organisation: { put: api.putOrganisation }, users: { put: accounts.putUser },
};

/** Two versions of a document, one of which somebody else made while a person had the other before them. */
export interface Both<D> {
  mine: D;
  /** Undefined: it was removed. */
  theirs: D | undefined;
  by: string;
  /** What differs, with mine before and theirs after. */
  differing: Row[];
}

/** A person's choice between two versions that parts/Conflict.svelte shows. */
export interface Settling {
  readonly conflict: Both<unknown> | undefined;
  /** What waits for the choice: to remove the document, or to write it. */
  readonly removes: boolean;
  keepMine: () => void;
  takeTheirs: () => void;
  leave: () => void;
}

export class Saving<K extends keyof Savable> implements Settling {
  doing = new Doing();
  /** Both versions, where somebody else saved first. */
  conflict = $state.raw<Both<Savable[K]>>();
  readonly removes = false;
  #kind: K;
  #saved: (document: Savable[K]) => void;
  #read: (document: Savable[K]) => void;
  #merged: (theirs: Savable[K]) => Savable[K] = (theirs) => theirs;

  /** saved is told what was written, and read whose version somebody goes on from instead: saved, unless it is given. */
  constructor(kind: K, saved: (document: Savable[K]) => void, read = saved) {
    this.#kind = kind;
    this.#saved = saved;
    this.#read = read;
  }

  /**
   * Writes; true if it was written. A conflict is left for the person to settle. Where a form is about a part of a document,
   * merged puts that part into the version that somebody else made.
   */
  async save(mine: Savable[K], merged: (theirs: Savable[K]) => Savable[K] = () => mine): Promise<boolean> {
    this.#merged = merged;
    let written = false;
    await this.doing.run(async () => {
      try {
        const document = await stores[this.#kind].put(mine);
        this.conflict = undefined;
        written = true;
        announce(t.parts.saved);
        this.#saved(document);
      } catch (thrown) {
        this.conflict = undefined;
        if (!(thrown instanceof Problem && thrown.stale)) throw thrown;
        if (!mine.revision) throw taken(thrown, 'title' in mine ? 'title' : 'name');
        this.conflict = await both(this.#kind, thrown, merged, mine);
      }
    });
    return written;
  }

  /** Writes this person's version over the other. */
  keepMine = (): void => {
    const { conflict } = this;
    if (conflict) void this.save({ ...conflict.mine, revision: conflict.theirs?.revision ?? 0 }, this.#merged);
  };

  /** Goes on from the other version. */
  takeTheirs = (): void => {
    const theirs = this.conflict?.theirs;
    this.conflict = undefined;
    if (theirs) this.#read(theirs);
  };

  /** Goes on from what is typed, and settles nothing. */
  leave = (): void => void (this.conflict = undefined);
}

export class Removing<K extends Kind> implements Settling {
  doing = new Doing();
  /** Both versions, where somebody else saved what was to be removed. */
  conflict = $state.raw<Both<Kinds[K]>>();
  readonly removes = true;
  #kind: K;
  #removed: (document: Kinds[K]) => void;
  #read: (document: Kinds[K]) => unknown;
  #remove = (seen: Kinds[K]): Promise<unknown> => api.remove(this.#kind, seen.id, seen.revision);
  #deed = this.#remove;

  /** removed is told when the document is gone, and read which version there is where it stays because of that. */
  constructor(kind: K, removed: (document: Kinds[K]) => void, read: (document: Kinds[K]) => unknown) {
    this.#kind = kind;
    this.#removed = removed;
    this.#read = read;
  }

  /** Removes what somebody saw, by a deed of its own if need be. What another person made of it meanwhile is shown first. */
  async remove(seen: Kinds[K], deed = this.#remove): Promise<void> {
    this.#deed = deed;
    await this.doing.run(async () => {
      try {
        await deed(seen);
      } catch (thrown) {
        this.conflict = undefined;
        if (!(thrown instanceof Problem && thrown.stale)) throw thrown;
        if (thrown.body.newest) this.conflict = await both(this.#kind, thrown, () => seen, seen);
        if (this.conflict) return;
      }
      this.conflict = undefined;
      this.#removed(seen);
    });
  }

  /** Removes it all the same. */
  keepMine = (): void => {
    const { conflict } = this;
    if (conflict?.theirs) void this.remove({ ...conflict.mine, revision: conflict.theirs.revision }, this.#deed);
  };

  /** Keeps it as it is now. */
  takeTheirs = (): void => {
    const theirs = this.conflict?.theirs;
    this.conflict = undefined;
    if (theirs) this.#read(theirs);
  };

  leave = (): void => void (this.conflict = undefined);
}

/** Somebody else has just made a document that is called so. */
function taken(refused: Problem, field: string): Problem {
  return new Problem(refused.status, t.parts.conflict.taken, '', [{ location: `body.${field}`, message: t.parts.conflict.takenHow }]);
}

/** Both versions, the newest of which came with the refusal. */
async function both<D extends object>(kind: keyof Savable, refused: Problem, merged: (theirs: D) => D, sent: D): Promise<Both<D>> {
  const theirs = refused.body.newest as D | undefined;
  const mine = theirs ? merged(theirs) : sent;
  const items = kind === 'items' ? [mine, theirs] as (Item | undefined)[] : [];
  const [names, words] = await Promise.all([everyName(), wordsOf(...items)]);
  const differing = theirs ? rows(kind.replace(/s$/, ''), { ...mine } as Record<string, unknown>, { ...theirs } as Record<string, unknown>, names, words) : [];
  return { mine, theirs, by: String(refused.body.by ?? ''), differing };
}
