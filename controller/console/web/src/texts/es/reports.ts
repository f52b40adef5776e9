import type { Texts } from '..';
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count } = plurals('es');

export const reports: Texts['reports'] = {
  lead: 'Lo que las pantallas mostraron de verdad; cada reproducción se cuenta una vez.',
  csv: 'Descargar como CSV',
  what: 'Qué contar',
  from: 'Desde',
  to: 'Hasta el día (incluido)',
  department: 'Departamento',
  screen: 'Pantalla',
  item: 'Contenido',
  all: 'Todos',
  by: 'Una línea por',
  groups: { item: 'Contenido', screen: 'Pantalla', department: 'Departamento', day: 'Día' },
  today: 'Hoy',
  lastDays: (n) => counts.days(n),
  lastMonth: 'Mes pasado',
  backwards: 'El período termina antes de empezar. Elija un final posterior.',
  none: 'No hay reproducciones en este período',
  noneReadable: 'No hay reproducciones legibles en este período',
  reportedUntil: (moment) => `Todos los reproductores informaron hasta el ${moment}.`,
  noReports: 'Ningún reproductor ha informado todavía.',
  chooseLonger: 'Elija un período más largo o menos condiciones.',
  plays: 'Reproducciones',
  complete: 'Reproducciones completas',
  shown: 'Tiempo mostrado',
  notComplete: 'Incompleto.',
  allArrived: 'Completo: llegaron todas las reproducciones de estos días.',
  completeUntil: (moment) => `Completo hasta el ${moment}: está contado todo lo que las pantallas registraron hasta entonces. Puede que falten por llegar reproducciones posteriores.`,
  notCompleteYet: 'Todavía incompleto.',
  expected: (screens) => `Todavía se esperan reproducciones de ${screens}.`,
  condensed: (n) =>
    `${count(n, { one: 'reproducción se cuenta', other: 'reproducciones se cuentan' })} solo por contenido y hora: un reproductor estuvo tanto tiempo sin conexión que en su disco no cabía cada una.`,
  lost: (n) =>
    `Al menos ${counts.plays(n)} más de este período no se pueden contar: falló el disco de un reproductor y se perdieron sus registros. Los registros de las pantallas dicen cuándo y por qué.`,
  takeovers: (n, time) => `Los avisos urgentes van aparte: ${counts.plays(n)} de sus diapositivas en ${time}.`,
  table: 'Las cifras en una tabla',
  caption: (group) => `Reproducciones, reproducciones completas y segundos, una línea por ${group}`,
  groupsInText: { item: 'contenido', screen: 'pantalla', department: 'departamento', day: 'día' },
  rate: 'Completas',
  seconds: 'Segundos',
  words: 'Qué significan las palabras',
  method: (n) => `Calculado con el método ${n}.`,
  bars: (n) => `Reproducciones; las primeras ${number(n)} como barras. La tabla de abajo las tiene todas`,
  bothKinds: 'Reproducciones que no fueron completas',
  first: (n, of) => `Las primeras ${number(n)} de ${number(of)}; todas están en la tabla`,
  dayBars: 'Reproducciones por día como barras; la tabla de abajo las tiene todas',
};
