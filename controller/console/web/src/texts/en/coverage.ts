// Which phases of care reach people in which language.
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count } = plurals('en');

export const coverage = {
  lead: 'Which phases of care reach people, and in which language: what the library has, what is scheduled, and what was really shown.',
  department: 'Department',
  all: 'All departments',
  layer: 'What to look at',
  layers: { ready: 'The library has it', scheduled: 'It is scheduled', shown: 'It was shown' },
  layersWhy: {
    ready: 'In how many of its languages a department could show something of the phase: approved, and valid now.',
    scheduled: 'In how many of its languages what is published shows something of the phase in the coming 7 days while the department is open.',
    shown: 'In how many of its languages something of the phase was shown from beginning to end in the last 30 days.',
  },
  of: (n: number, all: number) => `${number(n)} of ${number(all)}`,
  inLanguages: (n: number, all: number, phase: string) => `${phase}: ${number(n)} of ${count(all, { one: 'language', other: 'languages' })}`,
  noPhase: 'No phase of care',
  table: 'Coverage by department and phase of care',
  tableOf: (department: string) => `Coverage of ${department} by phase of care and language`,
  phase: 'Phase of care',
  none: 'There is no department yet',
  noneHow: 'Coverage is told department by department.',
  noneDo: 'Make a department',
  ready: (n: number) => count(n, { one: 'item ready', other: 'items ready' }),
  others: (n: number) => count(n, { one: 'item not ready', other: 'items not ready' }),
  perHour: (n: number) => `${number(n)} an hour`,
  rarely: 'less than 0.1 an hour',
  notScheduled: 'not scheduled',
  shownIn: (time: string, days: number) => `${time} in ${counts.days(days)}`,
  notShown: 'not shown in 30 days',
  gaps: {
    'no-item': 'The library has nothing of this phase',
    'no-language': 'The library has none of it in this language',
    'not-ready': 'What there is waits for review or is not valid now',
    'not-scheduled': 'Nothing of it is scheduled',
    'not-shown': 'It is scheduled and has not been shown',
  },
  close: {
    'no-item': 'Write a slide of this phase',
    'no-language': (language: string, title: string) => `Write “${title}” in ${language}`,
    'not-ready': 'Look what waits',
    'not-scheduled': 'Find it in the library',
    'not-shown': 'Look at the screens',
  },
  open: (screens: number, hours: string) => `${counts.screens(screens)}, ${hours} full opening hours a screen in the coming 7 days.`,
  nothingPublished: 'Nothing has been published for this department, so nothing is scheduled.',
  howCounted:
    'Times an hour are an average over the screens and the full opening hours of the coming 7 days, by what is published. Times shown are of complete plays; takeovers are left out. What has no words counts in every language.',
};
