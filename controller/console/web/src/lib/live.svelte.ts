// What is true right now: the fleet and the takeovers in force. Every screen is known in a few words; all of those that
// somebody has in view. Events bring what changes; a look now and then makes good what they missed, and where none come,
// it looks every few seconds.
import { api } from '../api/calls';
import { asProblem, type Problem } from '../api/problem';
import { formats } from '../texts/formats';
import { skew } from './skew';
import type { FleetBrief, FleetEvent, FleetScreen, Takeover, TakeoverEvent, WatchedEvent } from '../api/types';

const withEvents = 30_000;
const withoutEvents = 5_000;
// While a takeover is in force, who has drawn it matters by the second, whatever becomes of events.
const inTakeover = 2_000;
// What is in view is told of at once; whoever scrolls by asks for nothing.
const settled = 200;
const mostWatched = 200;

class Live {
  /** By name; those that come to it stand last until the next look. */
  screens = $state.raw<FleetBrief[]>();
  /** All that is known of the screens that are watched, by id. */
  details = $state.raw<ReadonlyMap<string, FleetScreen>>(new Map());
  takeovers = $state.raw<Takeover[]>([]);
  problem = $state.raw<Problem>();
  /** Events come: what is shown is at most a second old. */
  linked = $state(false);
  /** The controller's time; it advances every second, for words such as "5 seconds ago". */
  now = $state(Date.now());
  #soon: ReturnType<typeof setTimeout> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #events: EventSource | undefined;
  #watched = new Map<string, number>();
  #etag = '';
  #version = '';

  /** Follows until the returned function is called. */
  follow(): () => void {
    this.#listen();
    const second = setInterval(() => (this.now = Date.now() + skew.millis), 1000);
    const seen = () => document.visibilityState === 'visible' && this.#look(0);
    document.addEventListener('visibilitychange', seen);
    this.#look(0);
    return () => {
      this.#events?.close();
      this.#events = undefined;
      clearTimeout(this.#reopen);
      clearInterval(second);
      clearTimeout(this.#soon);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  /** Wants all that is known of a screen, until the returned function is called. */
  watch(id: string): () => void {
    this.#watched.set(id, (this.#watched.get(id) ?? 0) + 1);
    if (!this.details.has(id)) this.#listenSoon(settled);
    return () => {
      const left = (this.#watched.get(id) ?? 1) - 1;
      if (left) this.#watched.set(id, left);
      else this.#watched.delete(id);
      this.#listenSoon(withoutEvents); // what is no longer in view may be told of for a while
    };
  }

  #listenDue = Infinity;

  /** Listens anew within some milliseconds, if somebody follows; an earlier appointment stands. */
  #listenSoon(within: number): void {
    const due = Date.now() + within;
    if (due >= this.#listenDue) return;
    clearTimeout(this.#reopen);
    this.#listenDue = due;
    this.#reopen = setTimeout(() => {
      this.#listenDue = Infinity;
      if (this.#events) this.#listen();
    }, within);
  }

  #told = '';

  /** Listens to events. Browsers come back by themselves after a break, but not after a refusal. */
  #listen(): void {
    const watched = [...this.#watched.keys()].slice(0, mostWatched).sort().join(',');
    const broken = !this.#events || this.#events.readyState === EventSource.CLOSED;
    if (!broken && watched === this.#told) return;
    this.#told = watched;
    const query = new URLSearchParams();
    if (this.#version) query.set('after', this.#version);
    if (watched) query.set('watched', watched);
    const before = this.#events;
    const events = new EventSource(`/api/v1/fleet/events?${query}`);
    this.#events = events;
    events.onopen = () => {
      before?.close();
      this.linked = true;
      if (this.problem) this.#look(0);
    };
    events.onerror = () => {
      before?.close();
      if (this.#events !== events) return;
      this.linked = false;
      this.#look(0); // is it the stream alone, or the controller?
      if (events.readyState === EventSource.CLOSED) this.#listenSoon(withoutEvents);
    };
    events.addEventListener('fleet', (event) => this.#merge(read<FleetEvent>(event)));
    events.addEventListener('watched', (event) => this.#learn(read<WatchedEvent>(event)?.screens ?? []));
    events.addEventListener('takeover', (event) => (this.takeovers = read<TakeoverEvent>(event)?.takeovers ?? this.takeovers));
  }

  /** Looks again at once, after something was done here. */
  again = async (): Promise<void> => {
    try {
      const watched = [...this.#watched.keys()].slice(0, mostWatched);
      const [outline, takeovers, details] = await Promise.all([
        api.outline(this.#etag), api.takeovers(), watched.length ? api.fleet(watched) : [],
      ]);
      if (outline) {
        this.screens = byName(outline.fleet.screens);
        this.#version = outline.fleet.version;
        this.#etag = outline.etag;
      }
      this.takeovers = takeovers;
      this.#learn(details);
      this.problem = undefined;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  };

  /** Puts changed screens in the place of what was known of them. */
  #merge(event: FleetEvent | undefined): void {
    if (!event) return;
    if (event.whole) {
      this.screens = byName(event.screens);
    } else if (this.screens) {
      const by = new Map(this.screens.map((screen) => [screen.id, screen]));
      for (const screen of event.screens) by.set(screen.id, screen);
      this.screens = [...by.values()];
    } else {
      return;
    }
    this.#version = event.version;
  }

  /** Keeps what was told of screens that are watched, and forgets the others. */
  #learn(told: FleetScreen[]): void {
    const by = new Map([...this.details].filter(([id]) => this.#watched.has(id)));
    for (const screen of told) by.set(screen.id, screen);
    this.details = by;
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

/** In order of names: of thousands once a look, and not whenever one of them changes. */
function byName(screens: FleetBrief[]): FleetBrief[] {
  const { compare } = formats.order();
  return screens.sort((a, b) => compare(a.name, b.name));
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
