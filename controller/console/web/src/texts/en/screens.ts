// The page with all screens.
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { form } = plurals('en');

export const screens = {
  none: 'No screens yet.',
  well: (n: number) => (n === 1 ? 'The one screen shows what it should.' : `All ${counts.screens(n)} show what they should.`),
  partly: (well: number, all: number) =>
    `${number(well)} of ${counts.screens(all)} ${form(well, { one: 'shows what it should', other: 'show what they should' })}; ${number(all - well)} ${form(all - well, { one: 'needs', other: 'need' })} a look.`,
  pair: 'Pair a player',
  first: 'Hang the first screen',
  firstHow: 'Start a player beside a screen. It shows a code of eight letters; enter that here and say where it hangs.',
  search: 'Search screens',
  searchBy: 'Name, place or item',
  department: 'Department',
  everyDepartment: 'All departments',
  needLook: 'Need a look',
  noMatch: 'No screen is like that',
  hidden: (n: number) => `${counts.screens(n)} ${form(n, { one: 'is', other: 'are' })} hidden by the search.`,
  showAll: 'Show all',
};
