// Names of things that the controller knows by a word of its own, and small words of time.
import { plurals } from '../numbers';

const { count, form } = plurals('en');

export const words = {
  phases: { symptoms: 'Symptoms', diagnosis: 'Diagnosis', treatment: 'Treatment', recovery: 'Recovery', prevention: 'Prevention' },
  platforms: { screens: 'Screens in waiting rooms', phone: 'Phones of patients', feed: 'The hospital’s public website', paper: 'Paper, to hand over' },
  severities: { notice: 'Notice', warning: 'Warning', emergency: 'Emergency' },
  takeover: 'Takeover',
  sources: { takeover: 'Takeover', window: 'Schedule', closed: 'Closed programme', filler: 'Filler', slate: 'Slate', order: 'Its name, because somebody asked for it' },
  /** What decides, in the middle of a sentence. */
  owners: { closed: 'the closed programme', filler: 'the filler', slate: 'the slate', takeover: 'the takeover' },
  states: { noPicture: 'No picture', revoked: 'Cut off', alone: 'No link', unpaired: 'No player', neverSeen: 'Not heard of', playing: 'Playing' },
  /** How a screen is, in full; some with a time, some with a number of files. */
  stateWords: {
    playing: () => 'Playing and linked',
    fetching: (_: string, files: number) => `Playing and linked; fetching ${count(files, { one: 'file', other: 'files' })} for what comes next`,
    alone: (at: string) => `Playing on its own since ${at}`,
    'no-display': (at: string) => `No picture: the player finds no display; last heard at ${at}`,
    restarting: () => 'No picture for a moment: the player restarts its drawing',
    'display-off': () => 'No picture: the display is switched off',
    slate: () => 'Nothing to show but the slate: publish its department, or give that a filler',
    'never-heard': () => 'Nothing has been heard of its player yet',
    unpaired: () => 'Waiting to be paired',
    revoked: () => 'Cut off by staff',
  },
  withNote: (state: string) => `${state}, with a note`,
  kinds: {
    screen: 'screen', item: 'item', playlist: 'playlist', window: 'window', closure: 'closed days', department: 'department', demand: 'what patients ask for', state: 'state of the clinic',
    site: 'site', layout: 'layout', organisation: 'hospital', topic: 'topic',
  },
  noWords: 'No words',
  justNow: 'just now',
  zoneOf: (city: string) => `${city} time`,
  quoted: (name: string) => `“${name}”`,
  moment: (date: string, clock: string) => `${date}, ${clock}`,
  dateAt: (date: string, clock: string) => `${date} at ${clock}`,
  /** Minutes added up over screens. */
  screenMinutes: (n: string, of: number) => `${n} ${form(of, { one: 'screen-minute', other: 'screen-minutes' })}`,
  screenHours: (n: string, of: number) => `${n} ${form(of, { one: 'screen-hour', other: 'screen-hours' })}`,
  underAMinute: 'less than a screen-minute',
};
