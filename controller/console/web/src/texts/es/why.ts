import type { Texts } from '../en';
import { plurals } from '../numbers';
import { tidy } from '../tidy';

const { count } = plurals('es');

export const why: Texts['why'] = {
  span: (from, to) => `, de ${from} a ${to}`,
  takeover: (name, span) => tidy(`El aviso urgente ${name} ocupaba toda la pantalla${span}.`),
  window: (name, span) => tidy(`Decidía la franja ${name}${span}.`),
  closed: (name) => tidy(`El departamento estaba cerrado ese día y se mostraba su programación de cierre ${name}.`),
  filler: (name) => tidy(`No había ninguna franja y se mostraba el relleno del departamento ${name}.`),
  slate: 'No había ninguna franja ni relleno, y se mostraba la carátula con el nombre del hospital.',
  other: (source, name, span) => tidy(`Decidía ${source} ${name}${span}.`),
  startedBy: (who) => `Lo inició ${who}.`,
  changedBy: (who) => `El último cambio es de ${who}.`,
  slide: 'Una diapositiva',
  inLanguage: (language) => ` en ${language}`,
  inRegion: (region) => ` en la región «${region}»`,
  slot: (what, language, region, from, to) => `«${what}»${language}${region}, de ${from} a ${to}`,
  takeoverSlide: 'una diapositiva de un aviso urgente',
  nameless: 'algo sin nombre',
  outcomes: {
    complete: 'se mostró hasta el final',
    truncated: 'se cortó porque terminó su tiempo',
    preempted: 'se cortó por algo con más prioridad',
    interrupted: 'se interrumpió al detenerse el reproductor o su programa de pantalla',
    failed: 'no llegó a mostrarse',
  },
  play: (what, from, shown, planned, outcome) => `«${what}» desde ${from}, ${shown} de ${planned}; ${outcome}`,
  behind: (play, generation) => `${play}; seguía la programación número ${generation}`,
  planned: (moment) => `${moment} (previsto)`,
  due: 'Lo que correspondía',
  willBeDue: 'Lo que corresponderá',
  background: 'Nada que se cuente: solo el fondo.',
  recorded: 'Lo que registró el reproductor',
  noPlay: 'No hay ninguna reproducción registrada en este momento. O la pantalla no mostró ninguna, o su reproductor todavía no las envió.',
  whyNot: 'Por qué no otra cosa',
  whyNotOf: (n) => `Por qué no otra cosa (${n})`,
  candidates: (n) => count(n, { one: 'alternativa', other: 'alternativas' }),
  nothingElse: 'No hay nada más en el horario de esta pantalla.',
  inForce: (generation, since) => `Según la programación número ${generation} de esta pantalla, vigente desde ${since}.`,
  inForceThen: (generation, since) => `Según la programación número ${generation} de esta pantalla, vigente entonces, desde ${since}.`,
  unpublished: 'Todavía no se había publicado nada para esta pantalla.',
  asData: 'Como datos',
};
