// The versions of an item.
import { number } from '../numbers';

export const versions = {
  lead: 'Whatever was saved is kept, with who saved it and when. Choose two to compare them.',
  earlier: 'One version',
  later: 'The other version',
  one: (version: number, by: string, at: string) => `Version ${number(version)}, ${by}, ${at}`,
  only: 'There is only this one yet',
  take: 'Take this one again',
  newest: 'This is the newest.',
  taken: (version: number) => `Version ${number(version)} is the newest again. It waits for a review before it can be on a screen.`,
};
