// The answer to "why" in sentences.
import type { RecordedPlay, Why, WhyCandidate, WhyLoser, WhySlot } from '../api/types';
import { t } from '../texts';
import { number } from '../texts/numbers';
import { momentName, stateName } from './clinic';
import { floorWords } from './floors';
import { dateWords, duration, languageName, list, momentWords, named, quoted } from './words';
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

/** Why something else does not show, after its name. */
export function loserSentence(loser: WhyLoser, winner: WhyCandidate, zone: string): string {
  const { losers } = t.why;
  const by = quoted(winner.name || winner.window || '');
  const next = loser.next ? losers.startsOn(momentWords(loser.next, zone)) : losers.neverAgain;
  switch (loser.reason) {
    case 'under_takeover':
      return losers.underTakeover;
    case 'lower_severity':
      return losers.lowerSeverity;
    case 'older_takeover':
      return losers.olderTakeover;
    case 'last_resort':
      return losers.lastResort;
    case 'nothing_valid':
      return losers.nothingValid;
    case 'lower_priority':
      return losers.lowerPriority(by, number(winner.priority ?? 0), number(loser.priority ?? 0));
    case 'wider_target':
      return losers.widerTarget(by, reached(winner), reached(loser));
    case 'earlier_start':
      return losers.earlierStart(by);
    case 'later_id':
      return losers.laterID(by);
    case 'not_on':
      return loser.source === 'takeover' && loser.start && loser.end ? losers.lasts(momentWords(loser.start, zone), momentWords(loser.end, zone)) : next;
    case 'out_of_dates':
      return loser.date && loser.next ? losers.firstDate(dateWords(loser.date), next) : losers.lastDate(dateWords(loser.date ?? ''));
    case 'rests_closed':
      return losers.closed(dateWords(loser.date ?? ''), next);
    default:
      return loser.text;
  }
}

/** What a window was chosen for. */
function reached(of: WhyCandidate): string {
  return t.why.losers.targets[of.narrowness ?? 0] ?? '';
}

/** What was planned for the moment, region by region. */
export function slotSentences(why: Why, zone: string): string[] {
  return (why.slots ?? []).map((slot) => {
    const language = slot.language && slot.language !== 'zxx' ? t.why.inLanguage(languageName(slot.language)) : '';
    const region = slot.region && slot.region !== 'full' && slot.region !== 'main' ? t.why.inRegion(slot.region) : '';
    const said = t.why.slot(slot.title || slot.item || t.why.slide, language, region, clock(slot.start, zone, true), clock(slot.end, zone, true));
    return because(slot, said, zone);
  });
}

/** A turn with what put it there, if that is not its playlist alone. */
function because(slot: WhySlot, said: string, zone: string): string {
  if (slot.while) return t.why.during(said, stateName(slot.while.state), clock(slot.while.since, zone), clock(slot.while.until, zone), slot.while.by);
  if (slot.moment) return t.why.moment(said, momentName(slot.moment));
  if (slot.fills) return t.why.fills(said, floorWords({ ...slot.fills, fill: undefined }, () => slot.title));
  if (slot.asked_for) return t.why.asked(said, slot.asked_for, t.counts.times(slot.asked ?? 0));
  if (slot.mix?.length) return t.why.mixed(said, list(slot.mix.map((share) => t.hospital.department.share(languageName(share.language), `${share.twelfths}/12`))));
  return said;
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
