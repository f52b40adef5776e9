// The answer to "why" in sentences.
import type { RecordedPlay, Why, WhyCandidate } from '../api/types';
import { duration, languageName, list, momentWords } from './words';
import { clock } from './zone';

/** What decided, in one sentence. */
export function winnerSentence(winner: WhyCandidate, zone: string): string {
  const name = winner.name ? `“${winner.name}”` : '';
  const span = between(winner, zone);
  switch (winner.source) {
    case 'takeover':
      return `A takeover ${name} had the whole screen${span}.`;
    case 'window':
      return `The window ${name || winner.window || ''} decided${span}.`;
    case 'closed':
      return `The department was closed that day, so its closed programme ${name} was on.`.replace('  ', ' ');
    case 'filler':
      return `No window applied, so the department’s filler ${name} was on.`.replace('  ', ' ');
    case 'slate':
      return 'Nothing applied at all and there is no filler, so the slate with the hospital’s name was on.';
    default:
      return `${winner.source} ${name} decided${span}.`;
  }
}

function between(of: WhyCandidate, zone: string): string {
  if (!of.start || !of.end) return '';
  return `, from ${clock(of.start, zone)} to ${clock(of.end, zone)}`;
}

/** What was planned for the moment, region by region. */
export function slotSentences(why: Why, zone: string): string[] {
  return (why.slots ?? []).map((slot) => {
    const language = slot.language && slot.language !== 'zxx' ? ` in ${languageName(slot.language)}` : '';
    const region = slot.region && slot.region !== 'full' && slot.region !== 'main' ? ` in the region “${slot.region}”` : '';
    return `“${slot.title || slot.item || 'A slide'}”${language}${region}, ${clock(slot.start, zone, true)} to ${clock(slot.end, zone, true)}`;
  });
}

const outcomes: Record<string, string> = {
  complete: 'shown to its end',
  truncated: 'cut short because its time was over',
  preempted: 'cut short by something stronger',
  interrupted: 'interrupted when the player or its screen program stopped',
  failed: 'never drawn',
};

/** One record of the player, in a sentence; it may have gone by an older programme than the one in force. */
export function playSentence(play: RecordedPlay, zone: string, inForce = play.generation): string {
  const what = play.title || play.item || (play.takeover ? 'a takeover’s slide' : 'something without a name');
  const parts = [`from ${clock(play.start, zone, true)}`, `for ${duration(play.shown)} of ${duration(play.planned)}`, outcomes[play.outcome] ?? play.outcome];
  const behind = play.generation && play.generation !== inForce ? `; it went by programme number ${play.generation}` : '';
  return `“${what}” ${list(parts.slice(0, 2), '')}, ${parts[2]}${behind}`.replace(/\s+/g, ' ');
}

/** "Thu 24 Dec 2026, 14:05:09". */
export function heading(why: Why, zone: string): string {
  return momentWords(why.at, zone) + clock(why.at, zone, true).slice(5);
}
