// Files on their way into the library, kept while pages change.
import { asProblem, type Problem } from '../api/problem';
import type { Rendition, Upload } from '../api/types';
import { sendFile, settled } from '../api/upload';
import { t } from '../texts';

const underWay = new Set<Sending>();

// A page that goes takes along what it sends, and the item that it was to make of it.
addEventListener('beforeunload', (event) => {
  if (underWay.size) event.preventDefault();
});

/** One file: sent, checked, converted, and either ready or refused. */
export class Sending {
  readonly name: string;
  state = $state<'sending' | 'working' | 'ready' | 'refused'>('sending');
  /** Part of the present stage, 0 to 1. */
  part = $state(0);
  /** What the controller calls its stage; empty while the file is sent. */
  #stage = $state('');
  problem = $state.raw<Problem>();
  refusal = $state('');
  /** The item that came of it, where one was made. */
  item = $state('');

  constructor(name: string) {
    this.name = name;
  }

  get stage(): string {
    return this.state === 'sending' ? t.library.sending : this.#stage === 'converting' ? t.library.converting : t.library.checking;
  }

  /** Sends a file; what comes of it, or undefined if it was refused. */
  async run(file: File): Promise<Upload | undefined> {
    underWay.add(this);
    try {
      const begun = await sendFile(file, (part) => (this.part = part));
      this.state = 'working';
      this.#tell(begun);
      const upload = await settled(begun, (now) => this.#tell(now));
      if (upload.state === 'ready' && upload.rendition) return upload;
      this.refusal = upload.problem || t.library.unusable;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      underWay.delete(this);
    }
    this.state = 'refused';
    return undefined;
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

/** What an upload shows, in one language. */
export function renditionOf(upload: Upload, language: string, alt = ''): Rendition {
  return { language, variants: upload.rendition?.variants ?? [], ...(alt ? { alt } : {}) };
}

/** A title from a file's name: "know_your-numbers.mp4" becomes "Know your numbers". */
export function titleOf(name: string): string {
  const words = name.replace(/\.[^.]+$/, '').replace(/[_-]+/g, ' ').replace(/\s+/g, ' ').trim();
  return words ? (words[0] ?? '').toUpperCase() + words.slice(1) : t.library.untitled;
}
