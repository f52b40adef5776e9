// What must run in a department, in words.
import type { Floor } from '../api/types';
import { t } from '../texts';
import { named } from './words';

export type FloorKind = 'item' | 'phase' | 'every_phase' | 'topic';

export const floorKinds: readonly FloorKind[] = ['item', 'phase', 'every_phase', 'topic'];

/** What a floor asks for, also while that is not chosen yet. */
export function floorKind(floor: Floor): FloorKind {
  return floorKinds.find((kind) => floor[kind] !== undefined) ?? 'item';
}

/** "“Wash your hands”", "the phase Recovery" or "the topic “heart”". */
export function floorWhat(floor: Floor, item: (id: string) => string): string {
  if (floor.every_phase) return t.hospital.floors.whatEveryPhase;
  if (floor.phase) return t.hospital.floors.whatPhase(named(t.words.phases, floor.phase));
  if (floor.topic) return t.hospital.floors.whatTopic(floor.topic);
  return t.hospital.floors.whatItem(item(floor.item ?? ''));
}

/** "“Wash your hands”, at least 2 times an hour". */
export function floorWords(floor: Floor, item: (id: string) => string): string {
  const said = t.hospital.floors.said(floorWhat(floor, item), floor.plays);
  return floor.fill ? t.hospital.floors.filled(said) : said;
}
