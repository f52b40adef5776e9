// Names of things that the controller knows by a word of its own, and small words of time.
import { plurals } from '../numbers';

const { form } = plurals('en');

export const words = {
  phases: { symptoms: 'Symptoms', diagnosis: 'Diagnosis', treatment: 'Treatment', recovery: 'Recovery', prevention: 'Prevention' },
  severities: { notice: 'Notice', warning: 'Warning', emergency: 'Emergency' },
  takeover: 'Takeover',
  sources: { takeover: 'Takeover', window: 'Schedule', closed: 'Closed programme', filler: 'Filler', slate: 'Slate', order: 'Its name, because somebody asked for it' },
  /** What decides, in the middle of a sentence. */
  owners: { closed: 'the closed programme', filler: 'the filler', slate: 'the slate', takeover: 'the takeover' },
  states: { noPicture: 'No picture', revoked: 'Cut off', alone: 'No link', unpaired: 'No player', neverSeen: 'Not heard of', playing: 'Playing' },
  withNote: (state: string) => `${state}, with a note`,
  kinds: {
    screen: 'screen', item: 'item', playlist: 'playlist', window: 'window', closure: 'closed days', department: 'department',
    site: 'site', layout: 'layout', organisation: 'hospital',
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
