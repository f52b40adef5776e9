// What screens have shown, in figures.
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count } = plurals('en');

export const reports = {
  lead: 'What screens have really shown, each play counted once.',
  csv: 'Take it away as CSV',
  what: 'What to count',
  from: 'From',
  to: 'Up to and with',
  department: 'Department',
  screen: 'Screen',
  item: 'Item',
  all: 'All',
  by: 'One line for each',
  groups: { item: 'Item', screen: 'Screen', department: 'Department', day: 'Day' },
  today: 'Today',
  lastDays: (n: number) => counts.days(n),
  lastMonth: 'Last month',
  backwards: 'The period ends before it begins. Choose a later end.',
  none: 'No plays in this period',
  noneReadable: 'No plays that can be read in this period',
  reportedUntil: (moment: string) => `All players have reported up to ${moment}.`,
  noReports: 'No player has reported yet.',
  chooseLonger: 'Choose a longer period, or fewer conditions.',
  plays: 'Plays',
  complete: 'Complete plays',
  shown: 'Time shown',
  notComplete: 'Not complete.',
  allArrived: 'Complete: every play of these days has arrived.',
  completeUntil: (moment: string) => `Complete until ${moment}: everything that screens recorded before then is counted. Later plays may still be on their way.`,
  notCompleteYet: 'Not complete yet.',
  expected: (screens: string) => `Plays are still expected from ${screens}.`,
  condensed: (n: number) =>
    `${count(n, { one: 'play is', other: 'plays are' })} counted by item and hour only: a player was without a link for so long that its disk had no room for each.`,
  lost: (n: number) =>
    `At least ${counts.plays(n)} more in this period cannot be counted: a player's disk failed and their records are lost. The screens' own records say when and why.`,
  takeovers: (n: number, time: string) => `Takeovers stand apart: ${counts.plays(n)} of their slides in ${time}.`,
  table: 'The figures as a table',
  caption: (group: string) => `Plays, complete plays and seconds, one line for each ${group}`,
  groupsInText: { item: 'item', screen: 'screen', department: 'department', day: 'day' },
  rate: 'Complete',
  seconds: 'Seconds',
  words: 'What the words mean',
  method: (n: string) => `Worked out by method ${n}.`,
  bars: (n: number) => `Plays, the first ${number(n)} as bars; the table below has all of them`,
  bothKinds: 'Plays that were not complete',
  first: (n: number, of: number) => `The first ${number(n)} of ${number(of)}; all are in the table`,
  dayBars: 'Plays by day as bars; the table below has all of them',
};
