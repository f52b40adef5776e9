// Where the focus goes when what had it has gone.
import { tick } from 'svelte';

/** Puts the focus on the page's heading if nothing has it any more, so that a person without a mouse knows where they are. */
export async function refocus(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}
