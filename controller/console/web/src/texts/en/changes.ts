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
  fields: {
    name: 'Name', site: 'Site', department: 'Department', zone: 'Clock', hours: 'Opening hours', contacts: 'Told of troubles', closures: 'Closed days', languages: 'Languages',
    fallback: 'Language where there is no other', filler: 'Filler', closed: 'On closed days', twelfths: 'twelfths', tags: 'Tags', rotation: 'Turned by', volume: 'Volume', entries: 'Items, in order',
    playlist: 'Playlist', layout: 'Layout', start: 'When', first: 'From', last: 'Until', targets: 'Where', except: 'But not', priority: 'Priority', dates: 'Days', names: 'Names of the days',
    calendar: 'Calendar', regions: 'Regions', all: 'All screens', tag: 'tagged', renditions: 'Languages',
  } as Record<string, string>,
};
