// How Spanish says when a window is on.
import type { Grammar, Said, SaidDate } from './rule';

const day = (said: string, written: string) => ({ said, written });
const names = ['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre', 'octubre', 'noviembre', 'diciembre'];
const months = ['enero|ene', 'febrero|feb', 'marzo|mar', 'abril|abr', 'mayo|may', 'junio|jun', 'julio|jul', 'agosto|ago', 'sep?tiembre|sept?', 'octubre|oct', 'noviembre|nov', 'diciembre|dic'];
const month = `(?<month>${months.join('|')})(?!\\p{L})\\.?`;
const dayNames = [
  day('domingos', 'domingos?|dom'), day('lunes', 'lunes|lun'), day('martes', 'martes'), day('miércoles', 'mi[eé]rcoles|mi[eé]'),
  day('jueves', 'jueves|jue'), day('viernes', 'viernes|vie'), day('sábados', 's[aá]bados?|s[aá]b'),
];

export const spanish: Grammar = {
  days: dayNames,
  everyDay: /(?:todos los d[ií]as(?! (?:laborables|h[aá]biles))|cada d[ií]a(?! (?:laborable|h[aá]bil))|a diario|diariamente)(?!\p{L})/u,
  weekdays: /(?:d[ií]as? (?:laborables?|h[aá]bil(?:es)?)|entre semana)(?!\p{L})/u,
  weekends: /fin(?:es)? de semana(?!\p{L})/u,
  before: /(?:(?:todos|todas|cada|solo|sólo|los|las|el|la|de|en|desde)\s+)+/u,
  and: /\s*(?:,\s*[yeou]\s+|,|\s+[yeou]\s+)\s*/u,
  through: /\s*(?:-|–|\s+al?\s+|\s+hasta(?: el)?\s+)\s*/u,
  allDay: /(?:todo el d[ií]a|las 24 horas|d[ií]a y noche)(?!\p{L})/u,
  time: new RegExp(`(?:las?\\s+)?(?<hour>\\d{1,2})(?:[:.h](?<minute>\\d\\d))?(?:\\s*(?<half>[ap]\\.?\\s?m\\.?))?(?:\\s*h(?:oras)?)?(?![\\d:\\p{L}])(?!\\s*(?:de\\s+)?(?:${months.join('|')})(?!\\p{L}))`, 'u'),
  midnight: /(?:la\s+)?media ?noche(?!\p{L})/u,
  noon: /(?:el\s+)?mediod[ií]a(?!\p{L})/u,
  beforeTime: /(?:de|desde|entre|a)\s+/u,
  toTime: /\s*(?:-|–|—|\s+a\s+|\s+hasta\s+|\s+y\s+)\s*/u,
  nextDay: /\s*,?\s*(?:del? (?:d[ií]a siguiente|la mañana siguiente)|el d[ií]a siguiente|al d[ií]a siguiente)(?!\p{L})/u,
  laterDays: /\s*,?\s*(?<days>[2-7]) d[ií]as después(?!\p{L})/u,
  since: /(?:desde|a partir|del?)(?:\s+del?|\s+el)?\s+/u,
  until: /(?:hasta|al)(?:\s+el)?\s+/u,
  on: /(?:solo\s+|sólo\s+)?el\s+/u,
  months,
  dates: [
    new RegExp(`(?<day>\\d{1,2})º?\\s*(?:de\\s+)?${month}(?:\\s+del?)?(?:,?\\s*(?<year>20\\d\\d))?(?![\\d:])`, 'u'),
    /(?<year>20\d\d)-(?<month>\d\d)-(?<day>\d\d)(?!\d)/u,
  ],
  except: /(?:excepto|salvo|menos|pero no|sin|no)\s+(?:(?:en|durante|los|las|el|la)\s+)*/u,
  allClosures: /(?:todos\s+)?(?:(?:los\s+)?(?:d[ií]as de cierre|d[ií]as festivos|d[ií]as feriados|cierres?|festivos?|feriados?))(?!\p{L})/u,
  counted: /(?:cada\s+|el\s+|los\s+)?(?:primer|segundo|tercer|cuarto|quinto|[uú]ltimo|dos|tres|2|3)s?\s+(?:(?:dom|lun|mar|mi[eé]|jue|vie|s[aá]b)\p{L}*|semanas?|d[ií]as?|meses)/iu,
  monthly: /(?:mensual|anual|cada mes|del mes|el d[ií]a \d)/iu,
  say,
};

function say(s: Said): string {
  const days = { day: 'Todos los días', weekday: 'De lunes a viernes', weekend: 'Los sábados y domingos', days: `Los ${listed(s.days.map((d) => dayNames[d]?.said ?? ''))}` }[s.kind];
  const later = s.later === 0 ? '' : s.later === 1 ? ' del día siguiente' : ` ${s.later} días después`;
  const hours = s.allDay ? 'todo el día' : `de ${s.from} a ${s.midnight ? 'medianoche' : s.to}${later}`;
  return `${days} ${hours}${dates(s)}${s.closures.length ? `, excepto ${listed(s.closures)}` : ''}`;
}

function listed(words: string[]): string {
  const last = words[words.length - 1] ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${/^h?i(?!e)/i.test(last) ? 'e' : 'y'} ${last}`;
}

function dates({ first, last }: Said): string {
  if (first && last && first.day === last.day && first.month === last.month && first.year === last.year) return ` el ${date(first)}`;
  return `${first ? ` desde el ${date(first)}` : ''}${last ? ` hasta el ${date(last)}` : ''}`;
}

function date(d: SaidDate): string {
  return `${d.day} de ${names[d.month - 1] ?? ''}${d.year ? ` de ${d.year}` : ''}`;
}
