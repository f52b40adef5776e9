import { closures } from './closures';
import { counts } from './counts';
import { parts } from './parts';
import { screens } from './screens';
import { shell } from './shell';
import { titles } from './titles';
import { when } from './when';

/** English: what every other language has to fill. */
export const en = { closures, counts, parts, screens, shell, titles, when };
