// How English says when a window is on.
import type { Grammar, Said, SaidDate } from './rule';

const day = (said: string, written: string) => ({ said, written });
const months = ['january|jan', 'february|feb', 'march|mar', 'april|apr', 'may', 'june|jun', 'july|jul', 'august|aug', 'september|sept?', 'october|oct', 'november|nov', 'december|dec'];
const month = `(?<month>${months.join('|')})(?!\\p{L})\\.?`;
const names = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const dayNames = [
  day('Sunday', 'sundays?|sun'), day('Monday', 'mondays?|mon'), day('Tuesday', 'tuesdays?|tues?'), day('Wednesday', 'wednesdays?|wed'),
  day('Thursday', 'thursdays?|thurs?|thu'), day('Friday', 'fridays?|fri'), day('Saturday', 'saturdays?|sat'),
];

export const english: Grammar = {
  days: dayNames,
  everyDay: /(?:every ?day|each day|daily|all days|on all days)(?!\p{L})/u,
  weekdays: /(?:working days?|weekdays?|workdays?)(?!\p{L})/u,
  weekends: /weekends?(?!\p{L})/u,
  before: /(?:(?:every|each|on|only on|always on|all|from)\s+)+/u,
  and: /\s*(?:,\s*and\s+|,\s*or\s+|,|\s+and\s+|\s+or\s+|\s*&)\s*/u,
  through: /\s*(?:-|–|to|through|until)\s*/u,
  allDay: /(?:all day(?: long)?|the whole day|around the clock|24 hours|day and night)(?!\p{L})/u,
  time: new RegExp(`(?<hour>\\d{1,2})(?:[:.h](?<minute>\\d\\d))?(?:\\s*(?<half>[ap]\\.?\\s?m\\.?))?(?:\\s*o['’]clock)?(?![\\d:\\p{L}])(?!\\s*(?:st|nd|rd|th)?\\s*(?:of\\s+)?(?:${months.join('|')})(?!\\p{L}))`, 'u'),
  midnight: /midnight(?!\p{L})/u,
  noon: /(?:noon|midday)(?!\p{L})/u,
  beforeTime: /(?:(?:from|between|at)\s+)/u,
  toTime: /\s*(?:-|–|—|\s+to\s+|\s+until\s+|\s+till\s+|\s+and\s+)\s*/u,
  nextDay: /\s*,?\s*(?:on )?the (?:next|following) (?:day|morning)(?!\p{L})/u,
  laterDays: /\s*,?\s*(?<days>[2-7]) days later(?!\p{L})/u,
  since: /(?:from|starting(?: on)?|beginning(?: on)?|since|as of)\s+/u,
  until: /(?:until|till|through|up to|to|ending(?: on)?)\s+/u,
  on: /(?:only )?on\s+/u,
  months,
  dates: [
    new RegExp(`(?:the\\s+)?(?<day>\\d{1,2})(?:st|nd|rd|th)?\\s*(?:of\\s+)?${month}(?:,?\\s*(?<year>20\\d\\d))?(?![\\d:])`, 'u'),
    new RegExp(`${month}\\s*(?<day>\\d{1,2})(?:st|nd|rd|th)?(?:,?\\s*(?<year>20\\d\\d))?(?![\\d:])`, 'u'),
    /(?<year>20\d\d)-(?<month>\d\d)-(?<day>\d\d)(?!\d)/u,
  ],
  except: /(?:except(?: for)?|but not|not|excluding|without|unless it is)\s+(?:(?:on|during|for|in)\s+)?(?:the\s+)?/u,
  allClosures: /(?:all\s+)?(?:closures?|closed days?|(?:public |bank )?holidays?)(?!\p{L})/u,
  counted: /(?:every\s+|on\s+|each\s+)?(?:the\s+)?(?:first|second|third|fourth|fifth|last|other|1st|2nd|3rd|4th|5th|two|2|three|3)\s+(?:(?:sun|mon|tue|wed|thu|fri|sat)\p{L}*|weeks?|weekdays?|days?|months?)/iu,
  monthly: /(?:monthly|yearly|annually|every month|of the month|each month|on the \d)/iu,
  say,
};

function say(s: Said): string {
  const days = { day: 'Every day', weekday: 'Every weekday', weekend: 'Every Saturday and Sunday', days: `Every ${listed(s.days.map((d) => dayNames[d]?.said ?? ''))}` }[s.kind];
  const later = s.later === 0 ? '' : s.later === 1 ? ' the next day' : ` ${s.later} days later`;
  const hours = s.allDay ? 'all day' : `${s.from} to ${s.midnight ? 'midnight' : s.to}${later}`;
  return `${days} ${hours}${dates(s)}${s.closures.length ? `, except ${listed(s.closures)}` : ''}`;
}

function dates({ first, last }: Said): string {
  if (first && last && same(first, last)) return ` on ${date(first)}`;
  return `${first ? ` from ${date(first)}` : ''}${last ? ` until ${date(last)}` : ''}`;
}

function same(a: SaidDate, b: SaidDate): boolean {
  return a.day === b.day && a.month === b.month && a.year === b.year;
}

function date(d: SaidDate): string {
  return `${d.day} ${names[d.month - 1] ?? ''}${d.year ? ` ${d.year}` : ''}`;
}

function listed(words: string[]): string {
  const last = words[words.length - 1] ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
