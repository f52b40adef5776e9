// How many of something.
import { plurals } from '../numbers';

const { count } = plurals('en');

export const counts = {
  screens: (n: number) => count(n, { one: 'screen', other: 'screens' }),
  plays: (n: number) => count(n, { one: 'play', other: 'plays' }),
  items: (n: number) => count(n, { one: 'item', other: 'items' }),
  days: (n: number) => count(n, { one: 'day', other: 'days' }),
  seconds: (n: number) => count(n, { one: 'second', other: 'seconds' }),
  takeovers: (n: number) => count(n, { one: 'takeover', other: 'takeovers' }),
  drills: (n: number) => count(n, { one: 'drill', other: 'drills' }),
};
