// The answer to "why" in sentences. A name comes with its quotation marks, or empty; so does a span of time.
import { plurals } from '../numbers';
import { tidy } from '../tidy';

const { count } = plurals('en');

export const why = {
  span: (from: string, to: string) => `, from ${from} to ${to}`,
  takeover: (name: string, span: string) => tidy(`A takeover ${name} had the whole screen${span}.`),
  window: (name: string, span: string) => tidy(`The window ${name} decided${span}.`),
  closed: (name: string) => tidy(`The department was closed that day, so its closed programme ${name} was on.`),
  filler: (name: string) => tidy(`No window applied, so the department’s filler ${name} was on.`),
  slate: 'Nothing applied at all and there is no filler, so the slate with the hospital’s name was on.',
  other: (source: string, name: string, span: string) => tidy(`${source} ${name} decided${span}.`),
  startedBy: (who: string) => `Started by ${who}.`,
  changedBy: (who: string) => `Last changed by ${who}.`,
  slide: 'A slide',
  inLanguage: (language: string) => ` in ${language}`,
  inRegion: (region: string) => ` in the region “${region}”`,
  slot: (what: string, language: string, region: string, from: string, to: string) => `“${what}”${language}${region}, ${from} to ${to}`,
  takeoverSlide: 'a takeover’s slide',
  nameless: 'something without a name',
  outcomes: {
    complete: 'shown to its end',
    truncated: 'cut short because its time was over',
    preempted: 'cut short by something stronger',
    interrupted: 'interrupted when the player or its screen program stopped',
    failed: 'never drawn',
  },
  play: (what: string, from: string, shown: string, planned: string, outcome: string) => `“${what}” from ${from} for ${shown} of ${planned}, ${outcome}`,
  behind: (play: string, generation: number) => `${play}; it went by programme number ${generation}`,
  planned: (moment: string) => `${moment} (planned)`,
  due: 'What was due',
  willBeDue: 'What will be due',
  background: 'Nothing counted: only the background.',
  recorded: 'What the player recorded',
  noPlay: 'No play is recorded over this moment. Either the screen showed none, or its player has not sent them yet.',
  whyNot: 'Why not something else',
  whyNotOf: (n: string) => `Why not something else (${n})`,
  candidates: (n: number) => count(n, { one: 'candidate', other: 'candidates' }),
  nothingElse: 'Nothing else is scheduled for this screen.',
  inForce: (generation: number, since: string) => `Read from programme number ${generation} of this screen, in force since ${since}.`,
  inForceThen: (generation: number, since: string) => `Read from programme number ${generation} of this screen, in force then, since ${since}.`,
  unpublished: 'Nothing had been published for this screen yet.',
  asData: 'As data',
};
