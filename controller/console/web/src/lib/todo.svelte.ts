// How much waits for the person who is signed in, for the navigation.
import { api } from '../api/calls';
import type { ReviewCounts } from '../api/types';

class Todo {
  counts = $state.raw<ReviewCounts>();

  /** What waits to be decided, or was sent back to them. */
  get count(): number {
    return (this.counts?.waiting ?? 0) + (this.counts?.returned ?? 0);
  }

  /** Counts anew. A count that is not to be had is no trouble: the page that needs it says why. */
  again = async (): Promise<void> => {
    try {
      this.counts = await api.reviewCounts();
    } catch {
      this.counts = undefined;
    }
  };
}

export const todo = new Todo();
