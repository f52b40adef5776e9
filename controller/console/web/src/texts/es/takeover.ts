import type { Texts } from '..';
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { form } = plurals('es');

export const takeover: Texts['takeover'] = {
  lead: 'Para lo que todas las personas en las salas de espera deben leer ahora. Los ciclos continúan por debajo y vuelven al terminar el aviso.',
  allClear: 'Fin del aviso',
  allClearEverywhere: 'Fin de todos los avisos',
  cleared: 'No hay ningún aviso urgente en curso. Las pantallas volvieron a su programación.',
  clearing: 'Fin del aviso: las pantallas vuelven a su programación',
  inForce: (n) => `En curso: ${counts.takeovers(n)}`,
  another: 'Otro aviso urgente',
  drill: 'Simulacro',
  since: (kind, from, ends) => `${kind}, desde las ${from}; termina por sí solo ${ends}`,
  allDrawn: (n) => (n === 1 ? 'La única pantalla ya lo muestra.' : `Las ${counts.screens(n)} ya lo muestran.`),
  someDrawn: (n, all) => `${number(n)} de ${counts.screens(all)} ya lo ${form(n, { one: 'muestra', other: 'muestran' })}.`,
  drawnBy: 'Pantallas que ya lo muestran',
  notYet: 'todavía no lo muestra',
  noLink: 'sin conexión: lo mostrará cuando vuelva la conexión',
  drawn: (at) => `lo muestra desde las ${at}`,
  what: 'Qué decir',
  wording: 'Texto',
  wordings: { water: 'Sin agua', leave: 'Salir del edificio', stay: 'Quedarse adentro', outage: 'Las computadoras no funcionan', own: 'Palabras propias' },
  headline: 'Titular',
  todo: 'Qué hacer',
  without: (language) => `Sin ${language}`,
  anotherLanguage: 'Otro idioma',
  where: 'Dónde y por cuánto tiempo',
  screens: 'Pantallas',
  butNot: 'Pero no en',
  severity: 'Gravedad',
  minutes: 'Minutos',
  isDrill: 'Es un simulacro',
  isDrillHelp: 'Las pantallas lo dicen con letras grandes, para que los pacientes lo entiendan.',
  chooseScreens: 'Elija primero las pantallas',
  go: (n, all) => (all && n > 1 ? `Enviar ahora a las ${counts.screens(n)}` : `Enviar ahora a ${counts.screens(n)}`),
  goDrill: (n, all) => (all && n > 1 ? `Empezar el simulacro en las ${counts.screens(n)}` : `Empezar el simulacro en ${counts.screens(n)}`),
  help: 'En pocos segundos cubre toda la pantalla, en cada idioma por turno, y termina por sí solo. No hace falta publicar nada.',
  sent: 'El aviso urgente está en camino',
  sentDrill: 'El simulacro está en camino',
};
