// How far an item's newest version is on its way to the screens.
import type { Item } from '../api/types';
import { t } from '../texts';

interface State {
  /** All of it in a few words. */
  words: string;
  /** What a list should point out; empty where nothing is to be done. */
  mark: string;
  /** Why it was sent back, if it was. */
  back?: string;
}

export function stateOf(item: Item): State {
  if (item.approval?.version === item.version) {
    if (item.approval.unreviewed) return { words: t.review.releasedBy(item.approval.by), mark: t.review.unreviewed };
    return { words: t.review.approvedBy(item.approval.by), mark: '' };
  }
  if (item.returned?.version === item.version) return { words: t.review.sentBackBy(item.version, item.returned.by), mark: t.review.sentBack, back: item.returned.reason };
  return { words: t.review.waits, mark: t.review.waits };
}
