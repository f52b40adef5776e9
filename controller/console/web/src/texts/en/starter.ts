// A department template: what a new department begins with.
import { plurals } from '../numbers';

const { count } = plurals('en');

export const starter = {
  title: 'Begin with a template',
  help: 'It gives what the library has for such a department as a first playlist, opening hours, and what must run. You see it before it is made, and it is made as drafts.',
  saveFirst: 'Save what you changed first.',
  kind: 'Kind of department',
  choose: 'Choose one',
  names: {
    cardiology: 'Cardiology', paediatrics: 'Paediatrics', emergency: 'Emergency', 'family-medicine': 'General practice', maternity: 'Maternity', orthopaedics: 'Orthopaedics',
  } as Record<string, string>,
  show: 'Show what it would make',
  would: (name: string) => `What the template would make of ${name}`,
  playlist: (name: string, n: number) => `“${name}”, ${count(n, { one: 'item', other: 'items' })}:`,
  twice: 'twice as often',
  noPlaylist: 'No playlist: the library has nothing approved for it yet.',
  missing: (phases: string) => `Missing in the library: nothing approved for ${phases}.`,
  missingHow: 'Make items of these phases and topics, or import health topics. The department can have the template again afterwards.',
  hours: (hours: string) => `Open ${hours}.`,
  always: 'Always open.',
  on: 'The playlist is on in opening hours, and the filler where there is none yet.',
  floors: (floors: string) => `Must run: ${floors}.`,
  languages: (targets: string) => `At least, of what shows words: ${targets}.`,
  make: 'Make these drafts',
  made: 'The drafts are made. Screens change when the department is published.',
  toPublish: 'To Publish',
  undo: 'Take them back',
  undone: 'The drafts are taken back.',
};
