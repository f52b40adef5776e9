// What is true right now: the fleet and the takeovers in force. Events bring what changes; a look now and
// then makes good what they missed, and where none come, it looks every few seconds.
import { api } from '../api/calls';
import { asProblem, type Problem } from '../api/problem';
import { skew } from './skew';
import type { FleetEvent, FleetScreen, Takeover, TakeoverEvent } from '../api/types';

const withEvents = 30_000;
const withoutEvents = 5_000;
// While a takeover is in force, who has drawn it matters by the second, whatever becomes of events.
const inTakeover = 2_000;

class Live {
  screens = $state.raw<FleetScreen[]>();
  takeovers = $state.raw<Takeover[]>([]);
  problem = $state.raw<Problem>();
  /** Events come: what is shown is at most a second old. */
  linked = $state(false);
  /** The controller's time; it advances every second, for words such as "5 seconds ago". */
  now = $state(Date.now());
  #soon: ReturnType<typeof setTimeout> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #events: EventSource | undefined;

  /** Follows until the returned function is called. */
  follow(): () => void {
    this.#listen();
    const second = setInterval(() => (this.now = Date.now() + skew.millis), 1000);
    const seen = () => document.visibilityState === 'visible' && this.#look(0);
    document.addEventListener('visibilitychange', seen);
    this.#look(0);
    return () => {
      this.#events?.close();
      clearTimeout(this.#reopen);
      clearInterval(second);
      clearTimeout(this.#soon);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  /** Listens to events. Browsers come back by themselves after a break, but not after a refusal. */
  #listen(): void {
    const events = new EventSource('/api/v1/fleet/events');
    this.#events = events;
    events.onopen = () => {
      this.linked = true;
      if (this.problem) this.#look(0);
    };
    events.onerror = () => {
      this.linked = false;
      this.#look(0); // is it the stream alone, or the controller?
      if (events.readyState === EventSource.CLOSED) this.#reopen = setTimeout(() => this.#listen(), withoutEvents);
    };
    events.addEventListener('fleet', (event) => this.#merge(read<FleetEvent>(event)?.screens ?? []));
    events.addEventListener('takeover', (event) => (this.takeovers = read<TakeoverEvent>(event)?.takeovers ?? this.takeovers));
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

  /** Puts changed screens in the place of what was known of them. */
  #merge(changed: FleetScreen[]): void {
    if (!this.screens) return;
    const by = new Map(this.screens.map((screen) => [screen.id, screen]));
    for (const screen of changed) by.set(screen.id, screen);
    this.screens = [...by.values()];
  }

  #pause(): number {
    if (this.problem || !this.linked) return withoutEvents;
    return this.takeovers.length ? inTakeover : withEvents;
  }

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
      this.#look(this.#pause());
    }, within);
  }
}

/** What an event carries; undefined where it is not JSON, which the next look makes good. */
function read<T>(event: MessageEvent<string>): T | undefined {
  try {
    return JSON.parse(event.data) as T;
  } catch {
    return undefined;
  }
}

export const live = new Live();
