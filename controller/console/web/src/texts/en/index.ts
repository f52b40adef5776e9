import { account } from './account';
import { audit } from './audit';
import { calendar } from './calendar';
import { changes } from './changes';
import { clear } from './clear';
import { clinic } from './clinic';
import { closures } from './closures';
import { counts } from './counts';
import { coverage } from './coverage';
import { fleet } from './fleet';
import { hospital } from './hospital';
import { item } from './item';
import { layouts } from './layouts';
import { library } from './library';
import { pair } from './pair';
import { parts } from './parts';
import { people } from './people';
import { playlists } from './playlists';
import { problems } from './problems';
import { publish } from './publish';
import { reports } from './reports';
import { review } from './review';
import { rights } from './rights';
import { said } from './said';
import { schedule } from './schedule';
import { screen } from './screen';
import { screens } from './screens';
import { settings } from './settings';
import { shell } from './shell';
import { slide } from './slide';
import { starter } from './starter';
import { takeover } from './takeover';
import { titles } from './titles';
import { topics } from './topics';
import { versions } from './versions';
import { voice } from './voice';
import { when } from './when';
import { why } from './why';
import { words } from './words';

/** English: what every other language has to fill. */
export const en = {
  account,
  audit,
  calendar,
  changes,
  clear,
  clinic,
  closures,
  counts,
  coverage,
  fleet,
  hospital,
  item,
  layouts,
  library,
  pair,
  parts,
  people,
  playlists,
  problems,
  publish,
  reports,
  review,
  rights,
  said,
  schedule,
  screen,
  screens,
  settings,
  shell,
  slide,
  starter,
  takeover,
  titles,
  topics,
  versions,
  voice,
  when,
  why,
  words,
};

/** The catalogue that every language fills. */
export type Texts = typeof en;
