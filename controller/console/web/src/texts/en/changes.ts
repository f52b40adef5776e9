// Who changed what, with before and after.
import { number, plurals } from '../numbers';

const { form } = plurals('en');

export const changes = {
  open: 'Before and after',
  openOf: (title: string) => ` of ${title}`,
  title: (kind: string, title: string) => `What changed in the ${kind} “${title}”`,
  before: 'Before',
  after: 'After',
  field: 'Field',
  isNew: 'It is new: nothing of it was published before.',
  isGone: 'It is gone from what is published.',
  goesBack: 'This goes back to an earlier version.',
  same: 'Nothing that people write is different.',
  who: (n: number) => form(n, { one: 'Who saved it', other: 'Who saved it, the newest first' }),
  saved: (by: string, at: string) => `by ${by}, ${at}`,
  deleted: (by: string, at: string) => `${by} deleted it, ${at}`,
  openPage: 'Open it',
  noHistory: 'Its earlier versions cannot be shown here.',
  weight: (n: number) => `weight ${number(n)}`,
  entry: (n: number, title: string, how: string) => `${n}. “${title}”: ${how}`,
  side: {
    x: (n: number) => `${n} % from the left`, y: (n: number) => `${n} % from the top`, w: (n: number) => `${n} % wide`, h: (n: number) => `${n} % high`,
  } as Record<string, (n: number) => string>,
  yes: 'yes',
  no: 'no',
  actions: { see: 'see', edit: 'change', approve: 'review', release: 'let out without a review', publish: 'publish', alert: 'take over' } as Record<string, string>,
  kinds: { upload: 'sent files', asset: 'files of the library', play: 'plays', backup: 'backups', audit: 'audit log', account: 'own account' } as Record<string, string>,
  endings: { went_out: 'went out', taken_back: 'taken back', replaced: 'another took its place' } as Record<string, string>,
  /** What a field is called in some kinds alone. */
  of: {
    publication: { from: 'Screens switch at', at: 'Published' }, waiting_publication: { at: 'Screens switch at' }, takeover: { from: 'Begins', until: 'Ends' },
    player: { screen: 'Screen' }, token: { name: 'What it is for' }, topic: { names: 'Names' }, state: { set: 'Set', until: 'until' },
  } as Record<string, Record<string, string>>,
  fields: {
    parent: 'Belongs to', specialty: 'Specialty', medlineplus: 'In MedlinePlus', mesh: 'MeSH headings', url: 'address', group: 'a group',
    logo: 'Logo', websites: 'Websites that may show pages in a frame',
    brand: 'Look', background: 'background', ink: 'writing', accent: 'accent', full_name: 'Full name', role: 'Role', everywhere: 'In all departments', departments: 'Departments',
    account: 'Account at the provider', disabled: 'Has left', owner: 'Whose', made: 'Made', expires: 'Ends', scope: 'May', read_only: 'only reads', rights: 'may', number: 'Number', at: 'When', by: 'By',
    undo_of: 'Takes back number', back_to: 'Brings back number', waited: 'Waited as number', screens: 'Screens with something new', ordered: 'Ordered', ending: 'How it ended', publication: 'Went out as number',
    after: 'Ordered after number', severity: 'How serious', drill: 'Drill', slides: 'Words', paired_at: 'Paired', paired_by: 'Paired by', revoked_at: 'Cut off', revoked_by: 'Cut off by',
    abilities: 'What its machine can do', width: 'pixels across', height: 'pixels down', software_gl: 'draws without a graphics card', decoders: 'plays', software: 'Version of the program',
    bytes: 'size', medium: 'kind', media_type: 'type', digest: 'check sum', variants: 'sizes', item: 'Item', weight: 'weight', transition: 'change-over', fit: 'fit', whole_only: 'only whole',
    name: 'Name', site: 'Site', department: 'Department', zone: 'Clock', hours: 'Opening hours', contacts: 'Told of troubles', closures: 'Closed days', languages: 'Languages',
    fallback: 'Language where there is no other', filler: 'Filler', floors: 'Must run', ask: 'Patients may ask for', demand: 'Follows what patients ask for', percent: 'percent', floor: 'at least', ceiling: 'at most', mode: 'A step', language_twelfths: 'twelfths of the languages', asked: 'asked', topic: 'topic', language_targets: 'At least in each language', closed: 'On closed days', twelfths: 'twelfths', tags: 'Tags', rotation: 'Turned by', volume: 'Volume', moment: 'People before it are', moments: 'Moments of a visit', states: 'States of the clinic', alone: 'Alone', checks: 'Checklists', entries: 'Items, in order',
    playlist: 'Playlist', layout: 'Layout', start: 'When', first: 'From', last: 'Until', targets: 'Where', except: 'But not', priority: 'Priority', dates: 'Days', names: 'Names of the days',
    calendar: 'Calendar', regions: 'Regions', all: 'All screens', tag: 'tagged', renditions: 'Languages',
  } as Record<string, string>,
};
