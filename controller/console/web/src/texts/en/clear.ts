// How clear an item is: the reading grade, and the checklists that aid reviewers.
import { plurals } from '../numbers';

const { count } = plurals('en');

export const clear = {
  reading: 'Reading grade',
  readingHelp: 'Years of school that the words ask for, by the Flesch-Kincaid formula. A hint, for English alone; plain texts for patients aim at 6 or less.',
  grade: (of: string, language: string, grade: string, words: number) => `${of} in ${language}: about ${grade} (${count(words, { one: 'word', other: 'words' })})`,
  tooShort: (of: string, language: string, words: number) => `${of} in ${language}: too short to tell (${count(words, { one: 'word', other: 'words' })})`,
  of: { slide: 'Slide', captions: 'Captions' } as Record<string, string>,
  noText: 'It has no English words that are text.',
  ofNewest: 'This version',
  ofApproved: 'The version on screens',
  title: 'Checklists',
  help: 'An aid, if you like: nothing depends on them. What you answer is kept with your decision.',
  names: { pemat_p: 'PEMAT for print and slides', pemat_av: 'PEMAT for films', cci: 'CDC Clear Communication Index' } as Record<string, string>,
  parts: { understandability: 'Understandability', actionability: 'Actionability', index: 'Index' } as Record<string, string>,
  answers: { agree: 'Agree', disagree: 'Disagree', na: 'Does not apply' } as Record<string, string>,
  yesNo: { agree: 'Yes', disagree: 'No', na: 'Does not apply' } as Record<string, string>,
  answered: (n: number, of: number) => `${n} of ${of} answered`,
  score: (part: string, percent: number, points: number, possible: number) => `${part}: ${percent} % (${points} of ${possible})`,
  scored: (list: string, by: string, version: number) => `${list}, by ${by} for version ${version}`,
  unfinished: 'Not all answered, so there is no score.',
  before: 'Last decided',
  /** An instrument's item; its own words are English. */
  item: (_list: string, _n: number, text: string) => text,
};
