// How many of something.
import { plurals } from '../numbers';

const { count } = plurals('en');

export const counts = {
  screens: (n: number) => count(n, { one: 'screen', other: 'screens' }),
  moreScreens: (n: number) => count(n, { one: 'more screen', other: 'more screens' }),
  windows: (n: number) => count(n, { one: 'window', other: 'windows' }),
  languages: (n: number) => count(n, { one: 'language', other: 'languages' }),
  times: (n: number) => count(n, { one: 'time', other: 'times' }),
  plays: (n: number) => count(n, { one: 'play', other: 'plays' }),
  items: (n: number) => count(n, { one: 'item', other: 'items' }),
  entries: (n: number) => count(n, { one: 'entry', other: 'entries' }),
  regions: (n: number) => count(n, { one: 'region', other: 'regions' }),
  turns: (n: number) => count(n, { one: 'turn', other: 'turns' }),
  days: (n: number) => count(n, { one: 'day', other: 'days' }),
  takeovers: (n: number) => count(n, { one: 'takeover', other: 'takeovers' }),
  drills: (n: number) => count(n, { one: 'drill', other: 'drills' }),
};
