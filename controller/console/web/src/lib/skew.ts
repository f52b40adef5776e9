// How far the controller's clock is from this one, by the dates of its answers: a person's own may be
// minutes off, and ages and countdowns are the controller's.

/** Bounds of the difference, in milliseconds, narrower with every answer. */
export class Skew {
  #low = -Infinity;
  #high = Infinity;

  /** Notes an answer: its Date, which has whole seconds, and when it was asked for and came, by this clock. */
  note(date: string | null, asked: number, came: number): void {
    const said = Date.parse(date ?? '');
    if (Number.isNaN(said)) return;
    const low = said - came;
    const high = said + 1000 - asked;
    // One of the clocks was put right: what was known holds no more.
    const anew = low > this.#high || high < this.#low;
    this.#low = anew ? low : Math.max(this.#low, low);
    this.#high = anew ? high : Math.min(this.#high, high);
  }

  /** What to add to this clock; 0 before the first answer. */
  get millis(): number {
    return Number.isFinite(this.#low) ? (this.#low + this.#high) / 2 : 0;
  }
}

export const skew = new Skew();
