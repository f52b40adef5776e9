// Files on their way into the library, kept while pages change.
import { asProblem, type Problem } from '../api/problem';
import type { Rendition, Upload } from '../api/types';
import { callOff, markOf, sendFile, settled } from '../api/upload';
import { said } from './said';
import { t } from '../texts';
import { bytes } from './words';

const underWay = new Set<Sending>();

// A page that goes stops what it sends, and the item that it was to make of it.
addEventListener('beforeunload', (event) => {
  if (underWay.size) event.preventDefault();
});

/** One file: sent, checked, converted, and either ready or refused. */
export class Sending {
  readonly name: string;
  state = $state<'sending' | 'working' | 'ready' | 'refused'>('sending');
  /** Part of the present stage, 0 to 1. */
  part = $state(0);
  /** The controller cannot be reached; the sending goes on by itself. */
  away = $state(false);
  /** Somebody called it off, and nothing is left of it. */
  cancelled = $state(false);
  /** What the controller calls its stage; empty while the file is sent. */
  #stage = $state('');
  #came = $state(0);
  #file = $state.raw<File>();
  readonly #stop = new AbortController();
  problem = $state.raw<Problem>();
  refusal = $state('');
  /** The item that came of it. */
  item = $state<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** Whether it goes on with what is known of an upload. */
  goesOnWith(begun: Upload): boolean {
    return (this.state === 'sending' || this.state === 'working') && !this.cancelled && this.#file !== undefined && markOf(this.#file) === begun.mark;
  }

  /** How far it is, in words. */
  get words(): string {
    if (this.state !== 'sending') return t.library.part(this.#stage === 'converting' ? t.library.converting : t.library.checking, Math.round(this.part * 100));
    return this.#file ? t.library.sent(bytes(this.#came), bytes(this.#file.size)) : t.library.waits;
  }

  /** Sends a file; what comes of it, or undefined if it was refused or called off. Only some places take several pages. */
  async run(file: File, takes: 'one' | 'pages' = 'one'): Promise<Upload | undefined> {
    if (this.cancelled) return undefined;
    underWay.add(this);
    this.#file = file;
    try {
      const begun = await sendFile(file, {
        came: (n) => {
          this.#came = n;
          this.part = n / Math.max(1, file.size);
        },
        waits: (away) => (this.away = away),
        signal: this.#stop.signal,
      });
      this.state = 'working';
      this.#tell(begun);
      const upload = await settled(begun, (now) => this.#tell(now));
      if (upload.state === 'ready' && (upload.rendition || (upload.pages && takes === 'pages'))) return upload;
      this.refusal = upload.problem ? said(upload.said, upload.problem) : upload.pages ? t.library.severalPages : t.library.unusable;
    } catch (thrown) {
      if (this.#stop.signal.aborted) return undefined;
      this.problem = asProblem(thrown);
    } finally {
      underWay.delete(this);
      this.away = false;
    }
    this.state = 'refused';
    return undefined;
  }

  /** Calls it off, and leaves nothing of it. */
  async cancel(): Promise<void> {
    this.#stop.abort();
    if (this.#file) await callOff(this.#file);
    this.cancelled = true;
  }

  /** Says that nothing comes of it, and why. */
  refuse(why: string): void {
    this.refusal = why;
    this.state = 'refused';
  }

  #tell(upload: Upload): void {
    this.part = (upload.percent ?? 0) / 100;
    this.#stage = upload.state;
  }
}

/** Everything that was sent to the library since the console was opened, newest first. */
export const sent = $state<{ files: Sending[] }>({ files: [] });

/** No longer shows one. */
export function forget(sending: Sending): void {
  sent.files = sent.files.filter((other) => other !== sending);
}

/** What an upload shows, in one language; a leaflet page by page. */
export function renditionOf(upload: Upload, language: string, alt = ''): Rendition {
  const [first, ...further] = upload.pages ?? [upload.rendition];
  return { language, variants: first?.variants ?? [], ...(further.length ? { further: further.map((page) => page?.variants ?? []) } : {}), ...(alt ? { alt } : {}) };
}

/** How many pages a rendition has; 1 unless it is a leaflet. */
export function pagesOf(rendition: Rendition): number {
  return 1 + (rendition.further?.length ?? 0);
}

/** A title from a file's name: "know_your-numbers.mp4" becomes "Know your numbers". */
export function titleOf(name: string): string {
  const words = name.replace(/\.[^.]+$/, '').replace(/[_-]+/g, ' ').replace(/\s+/g, ' ').trim();
  return words ? (words[0] ?? '').toUpperCase() + words.slice(1) : t.library.untitled;
}
