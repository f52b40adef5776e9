// The answer to "why" in sentences.
import type { RecordedPlay, Why, WhyCandidate } from '../api/types';
import { t } from '../texts';
import { duration, languageName, momentWords, named, quoted } from './words';
import { clock } from './zone';

/** What decided, in one sentence. */
export function winnerSentence(winner: WhyCandidate, zone: string): string {
  const name = winner.name ? quoted(winner.name) : '';
  const span = between(winner, zone);
  switch (winner.source) {
    case 'takeover':
      return t.why.takeover(name, span);
    case 'window':
      return t.why.window(name || winner.window || '', span);
    case 'closed':
      return t.why.closed(name);
    case 'filler':
      return t.why.filler(name);
    case 'slate':
      return t.why.slate;
    default:
      return t.why.other(winner.source, name, span);
  }
}

function between(of: WhyCandidate, zone: string): string {
  return of.start && of.end ? t.why.span(clock(of.start, zone), clock(of.end, zone)) : '';
}

/** What was planned for the moment, region by region. */
export function slotSentences(why: Why, zone: string): string[] {
  return (why.slots ?? []).map((slot) => {
    const language = slot.language && slot.language !== 'zxx' ? t.why.inLanguage(languageName(slot.language)) : '';
    const region = slot.region && slot.region !== 'full' && slot.region !== 'main' ? t.why.inRegion(slot.region) : '';
    return t.why.slot(slot.title || slot.item || t.why.slide, language, region, clock(slot.start, zone, true), clock(slot.end, zone, true));
  });
}

/** One record of the player, in a sentence; it may have gone by an older programme than the one in force. */
export function playSentence(play: RecordedPlay, zone: string, inForce = play.generation): string {
  const what = play.title || play.item || (play.takeover ? t.why.takeoverSlide : t.why.nameless);
  const said = t.why.play(what, clock(play.start, zone, true), duration(play.shown), duration(play.planned), named(t.why.outcomes, play.outcome));
  return play.generation && play.generation !== inForce ? t.why.behind(said, play.generation) : said;
}

/** "Thu 24 Dec 2026, 14:05:09". */
export function heading(why: Why, zone: string): string {
  return momentWords(why.at, zone) + clock(why.at, zone, true).slice(5);
}
