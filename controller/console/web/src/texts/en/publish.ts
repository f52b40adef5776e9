// Publishing, and what a publication changes.
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count, form } = plurals('en');

export const publish = {
  lead: 'Nothing that you change reaches a screen before it is published. Screens switch at the next turn, together.',
  done: (n: number) => `Published as number ${number(n)}`,
  doneHow: 'Screens fetch what they need and switch by themselves at the end of a turn, in general within a minute.',
  seeScreens: 'See the screens',
  noDepartment: 'There is no department yet',
  noDepartmentWhy: 'A publication is for departments.',
  addDepartment: 'Add a department',
  departments: 'Departments',
  note: 'Note for the history',
  noteExample: 'Flu season begins',
  publish: (screens: number) => (screens ? `Publish to ${counts.screens(screens)}` : 'Publish'),
  willChange: 'What will change',
  chooseOne: 'Choose at least one department.',
  history: 'History',
  never: 'Nothing has been published yet.',
  tookBack: (n: number) => `Took back number ${number(n)}`,
  noNote: 'Without a note',
  newest: 'newest',
  row: (at: string, by: string, scope: string) => `${at}, by ${by}, for ${scope}`,
  all: 'all departments',
  undo: 'Undo',
  undoOf: (n: number) => ` number ${number(n)}`,
  backBefore: (n: number) => `Go back to before ${number(n)}`,
  back: {
    title: (n: number) => `Go back to before number ${number(n)}?`,
    what: (scope: string, at: string) =>
      `On the screens of ${scope}, what was on before ${at} comes back, as a new publication. Work since then stays in the drafts; nothing is lost.`,
    do: 'Go back',
  },
  changes: {
    title: (n: number) => (n ? `${count(n, { one: 'change', other: 'changes' })} since the last publication` : 'Nothing has changed since the last publication'),
    new: 'new',
    changed: 'changed',
    removed: 'removed',
    by: (what: string, who: string) => `${what} by ${who}`,
  },
  problems: {
    title: (n: number) => `${count(n, { one: 'thing', other: 'things' })} to look at before`,
    open: (kind: string) => `Open the ${kind}`,
    none: 'No problems found',
  },
  outlook: {
    title: 'On the screens',
    noScreens: 'There are no screens to compare.',
    nothing: (days: number) => `On the screens nothing changes in the next ${counts.days(days)}.`,
    changes: (time: string, many: boolean, days: number, screens: number, all: number) =>
      `${time} ${many ? 'change' : 'changes'} in the next ${counts.days(days)}, on ${number(screens)} of ${counts.screens(all)}.`,
    other: (owner: string) => `something else in ${owner}`,
    instead: (after: string, before: string) => `${after} instead of ${before}`,
    change: (department: string, screens: number, what: string, first: string, time: string) =>
      `In ${department}, ${counts.screens(screens)} ${form(screens, { one: 'shows', other: 'show' })} ${what}, first on ${first}: ${time}`,
    sameDay: (date: string, from: string, to: string) => `On ${date} from ${from} to ${to}`,
    overDays: (from: string, to: string) => `From ${from} to ${to}`,
    idle: (when: string, screens: number, department: string, owner: string) =>
      `${when}, ${counts.screens(screens)} of ${department} ${form(screens, { one: 'has', other: 'have' })} nothing scheduled: ${owner} shows`,
    amiss: {
      expired: 'has run out, so its turns go to others',
      past_review: 'shows after the day by which it was to be reviewed',
      unapproved: 'shows in its version before, as its changes wait for approval',
      uncaptioned: 'is a film with words and has no captions',
    },
    item: (title: string, what: string, time: string) => `“${title}” ${what}: ${time}`,
    asBefore: (line: string) => `${line}, as before`,
    untilNow: (line: string, time: string) => `${line}, until now ${time}`,
    open: 'Open it',
    moreIdle: (n: number) => `${number(n)} more times with nothing scheduled`,
    moreChanges: (n: number) => `${number(n)} more changes`,
    moreItems: (n: number) => `${number(n)} more items`,
    usual: (time: string) => `As before, at other times nothing is scheduled either: ${time} in all`,
  },
};
