// What is true right now: the fleet and the takeovers in force. Events say when to look again; where
// none come, it looks every few seconds.
import { api } from '../api/calls';
import { asProblem, type Problem } from '../api/problem';
import type { FleetScreen, Takeover } from '../api/types';

const withEvents = 30_000;
const withoutEvents = 5_000;
const coalesce = 300;

class Live {
  screens = $state.raw<FleetScreen[]>();
  takeovers = $state.raw<Takeover[]>([]);
  problem = $state.raw<Problem>();
  /** Events come: what is shown is at most a second old. */
  linked = $state(false);
  /** Advances every second, for words such as "5 seconds ago". */
  now = $state(Date.now());
  #soon: ReturnType<typeof setTimeout> | undefined;

  /** Follows until the returned function is called. */
  follow(): () => void {
    const events = new EventSource('/api/v1/fleet/events');
    events.onopen = () => (this.linked = true);
    events.onerror = () => (this.linked = false);
    events.addEventListener('fleet', () => this.#look(coalesce));
    events.addEventListener('takeover', () => this.#look(0));
    const second = setInterval(() => (this.now = Date.now()), 1000);
    const seen = () => document.visibilityState === 'visible' && this.#look(0);
    document.addEventListener('visibilitychange', seen);
    this.#look(0);
    return () => {
      events.close();
      clearInterval(second);
      clearTimeout(this.#soon);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  /** Looks again at once, after something was done here. */
  again = async (): Promise<void> => {
    try {
      [this.screens, this.takeovers] = await Promise.all([api.fleet(), api.takeovers()]);
      this.problem = undefined;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  };

  #due = Infinity;

  /** Looks again within some milliseconds; an earlier appointment stands. */
  #look(within: number): void {
    const due = Date.now() + within;
    if (due >= this.#due) return;
    clearTimeout(this.#soon);
    this.#due = due;
    this.#soon = setTimeout(async () => {
      // What happens during the look is another appointment.
      this.#due = Infinity;
      await this.again();
      this.#look(this.linked ? withEvents : withoutEvents);
    }, within);
  }
}

export const live = new Live();
