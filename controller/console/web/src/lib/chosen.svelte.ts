// The screens that somebody chose to do something with.

export class Chosen {
  ids = $state.raw<ReadonlySet<string>>(new Set());
  #last = '';

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Chooses one, or lets it go; with through, all between the last one and this in the order that is seen. */
  toggle(id: string, order: string[], through: boolean): void {
    const next = new Set(this.ids);
    const [a, b] = [order.indexOf(this.#last), order.indexOf(id)];
    const range = through && a >= 0 && b >= 0 ? order.slice(Math.min(a, b), Math.max(a, b) + 1) : [id];
    const on = !this.ids.has(id);
    for (const one of range) {
      if (on) next.add(one);
      else next.delete(one);
    }
    this.ids = next;
    this.#last = id;
  }

  set(ids: Iterable<string>): void {
    this.ids = new Set(ids);
  }

  /** All of these but those that are chosen now. */
  invert(all: string[]): void {
    this.set(all.filter((id) => !this.ids.has(id)));
  }
}
