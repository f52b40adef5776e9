// What patients asked for on their phones.
import { number, plurals } from '../numbers';

const { count } = plurals('en');

export const voice = {
  lead: 'What patients do on their phones after they scan the code on a screen: what they ask for, in which language, and what helped them.',
  closed: 'Phones reach no pages yet',
  closedHow: 'Whoever runs the controller gives it the address that phones can open with --public-url, and screens then show codes beside the items that you choose.',
  none: 'Nothing to tell yet',
  noneHow: 'A week is told after it is over, and only figures of 11 people and more. Choose in the department’s settings what its patients may ask for, and give items a code for phones.',
  noDepartment: 'There is no department yet',
  department: 'Department',
  all: 'All departments',
  period: 'Told by',
  periods: { month: 'Months', week: 'Weeks' },
  wanted: 'Asked for, and not in the library',
  wantedLead: (months: number) => `Of the last ${count(months, { one: 'month', other: 'months' })}, the most wanted first.`,
  wantedNone: 'The library has something about every topic that was asked for.',
  topic: 'Topic',
  item: 'Item',
  askedFor: 'Asked for',
  needs: 'What is missing',
  needsWhat: {
    item: 'An item about it',
    approval: 'The approval of an item that there is',
    language: 'A rendition',
  } as Record<string, string>,
  needsLanguage: (language: string) => `A rendition in ${language}`,
  make: 'Make it',
  makeOf: (topic: string, department: string) => `Make it: ${topic} for ${department}`,
  look: 'Look at it',
  lookAt: (topic: string, department: string) => `Look at it: ${topic} for ${department}`,
  asked: 'What they asked for',
  inPeriod: (period: string) => `Asked for: ${period}`,
  language: 'Language',
  everyLanguage: 'All languages',
  items: 'Items on phones',
  opened: 'Pages opened',
  read: 'Read',
  helpful: 'Helpful',
  unhelpful: 'Not helpful',
  openedIn: (n: string, period: string) => `${period}: pages opened by a screen’s code: ${n}`,
  times: (n: number, more: boolean) => {
    if (n === 0) return more ? 'fewer than can be told' : '0';
    return more ? `${number(n)} and some more` : number(n);
  },
  ask: 'What patients may ask for',
  askHelp: 'Patients choose among these topics on their phones, in the order in which you tick them. Up to 30; without any, they are not asked.',
  askNone: 'There are no topics yet.',
  how: 'Figures are of 11 people and more; fewer are hidden, so that nobody can be recognised. Nothing is told of a week that is not over, and what is hidden in one week may be told with others when its month is over. Nobody knows who asked.',
};
