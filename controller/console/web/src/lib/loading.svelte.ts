// Something that is fetched: the value, what went wrong, and whether it is on its way.
import { asProblem, type Problem } from '../api/problem';

export class Loading<T> {
  value = $state.raw<T>();
  problem = $state.raw<Problem>();
  busy = $state(true);
  #fetch: () => Promise<T>;
  #turn = 0;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
    void this.again();
  }

  /** Fetches anew; what was there stays until the answer. A later call wins over an earlier one. */
  again = async (): Promise<void> => {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const value = await this.#fetch();
      if (turn !== this.#turn) return;
      this.value = value;
      this.problem = undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.problem = asProblem(thrown);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  };
}

/** Something that a person asked for: whether it runs, and what went wrong. */
export class Doing {
  busy = $state(false);
  problem = $state.raw<Problem>();

  /** Runs the work once at a time; true if it was done. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = undefined;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
