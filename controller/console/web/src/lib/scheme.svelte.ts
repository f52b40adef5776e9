// Light or dark: as the system has it, unless a person chose in this browser. public/scheme.js sets what was
// chosen before anything is drawn.

/** What a person can choose. */
export const schemes = ['system', 'light', 'dark'] as const;

export type Scheme = (typeof schemes)[number];

const kept = 'scheme';
const root = document.documentElement;

let chosen = $state<Scheme>(schemes.find((one) => one === root.dataset.scheme) ?? 'system');

export const scheme = {
  get chosen(): Scheme {
    return chosen;
  },
  /** The page turns at once, and the next one begins so. */
  choose(to: Scheme): void {
    chosen = to;
    if (to === 'system') delete root.dataset.scheme;
    else root.dataset.scheme = to;
    try {
      localStorage.setItem(kept, to);
    } catch {
      // A browser that keeps nothing asks again.
    }
  },
};
