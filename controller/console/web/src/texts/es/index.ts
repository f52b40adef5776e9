import type { Texts } from '..';
import { closures } from './closures';
import { counts } from './counts';
import { parts } from './parts';
import { screens } from './screens';
import { shell } from './shell';
import { titles } from './titles';
import { when } from './when';

/** Spanish, as the staff of a hospital speak it. */
export const es: Texts = { closures, counts, parts, screens, shell, titles, when };
