// Taking over screens.
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { form } = plurals('en');

export const takeover = {
  lead: 'For what everyone in the waiting rooms must read now. Loops run on beneath and come back at the all-clear.',
  allClear: 'All clear',
  allClearEverywhere: 'All clear everywhere',
  cleared: 'No takeover is in force. Screens are back in their programme.',
  clearing: 'All clear: screens go back to their programme',
  inForce: (n: number) => `In force: ${counts.takeovers(n)}`,
  another: 'Another takeover',
  drill: 'Drill',
  since: (kind: string, from: string, ends: string) => `${kind}, since ${from}, ends by itself ${ends}`,
  allDrawn: (n: number) => `All ${counts.screens(n)} ${form(n, { one: 'has', other: 'have' })} drawn it.`,
  someDrawn: (n: number, all: number) => `${number(n)} of ${counts.screens(all)} ${form(n, { one: 'has', other: 'have' })} drawn it.`,
  drawnBy: 'Screens that have drawn it',
  notYet: 'not drawn yet',
  noLink: 'no link: draws it when the link is back',
  drawn: (at: string) => `drawn ${at}`,
  what: 'What to say',
  wording: 'Wording',
  wordings: { water: 'No water', leave: 'Leave the building', stay: 'Stay inside', outage: 'Computers are down', own: 'Own words' },
  headline: 'Headline',
  todo: 'What to do',
  without: (language: string) => `Without ${language}`,
  anotherLanguage: 'Another language',
  where: 'Where, and for how long',
  screens: 'Screens',
  butNot: 'But not on',
  severity: 'How serious',
  minutes: 'Minutes',
  isDrill: 'This is a drill',
  isDrillHelp: 'Screens say so in large letters, so that patients understand it.',
  chooseScreens: 'Choose screens first',
  go: (n: number, all: boolean) => (all && n > 1 ? `Take over all ${counts.screens(n)} now` : `Take over ${counts.screens(n)} now`),
  goDrill: (n: number, all: boolean) => (all && n > 1 ? `Start the drill on all ${counts.screens(n)} now` : `Start the drill on ${counts.screens(n)} now`),
  help: 'It covers the whole screen within seconds, in each language in turn, and ends by itself. Nothing needs to be published.',
  sent: 'The takeover is on its way',
  sentDrill: 'The drill is on its way',
};
