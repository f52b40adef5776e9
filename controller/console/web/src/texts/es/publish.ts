import type { Texts } from '..';
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count, form } = plurals('es');

export const publish: Texts['publish'] = {
  lead: 'Nada de lo que cambie llega a una pantalla antes de publicarlo. Las pantallas cambian en el turno siguiente, todas a la vez.',
  done: (n) => `Publicado con el número ${number(n)}`,
  doneHow: 'Las pantallas descargan lo que necesitan y cambian por sí solas al final de un turno, por lo general en un minuto.',
  seeScreens: 'Ver las pantallas',
  noDepartment: 'Todavía no hay ningún departamento',
  noDepartmentWhy: 'Se publica para departamentos.',
  addDepartment: 'Agregar un departamento',
  departments: 'Departamentos',
  note: 'Nota para el historial',
  noteExample: 'Empieza la temporada de gripe',
  publish: (screens) => (screens ? `Publicar en ${counts.screens(screens)}` : 'Publicar'),
  willChange: 'Lo que cambiará',
  chooseOne: 'Elija al menos un departamento.',
  history: 'Historial',
  never: 'Todavía no se ha publicado nada.',
  tookBack: (n) => `Deshizo el número ${number(n)}`,
  noNote: 'Sin nota',
  newest: 'la más reciente',
  row: (at, by, scope) => `${at}, por ${by}, para ${scope}`,
  all: 'todos los departamentos',
  undo: 'Deshacer',
  undoOf: (n) => ` el número ${number(n)}`,
  backBefore: (n) => `Volver a antes del ${number(n)}`,
  back: {
    title: (n) => `¿Volver a antes del número ${number(n)}?`,
    what: (scope, at) =>
      `En las pantallas de ${scope} vuelve lo que se mostraba antes del ${at}, como una nueva publicación. El trabajo posterior queda en los borradores; no se pierde nada.`,
    do: 'Volver',
  },
  changes: {
    title: (n) => (n ? `${count(n, { one: 'cambio', other: 'cambios' })} desde la última publicación` : 'No ha cambiado nada desde la última publicación'),
    new: 'nuevo',
    changed: 'cambiado',
    removed: 'eliminado',
    by: (what, who) => `${what} por ${who}`,
  },
  problems: {
    title: (n) => `${count(n, { one: 'cosa', other: 'cosas' })} que revisar antes`,
    open: (kind) => `Abrir: ${kind}`,
    none: 'No se encontraron problemas',
  },
  outlook: {
    title: 'En las pantallas',
    noScreens: 'No hay pantallas que comparar.',
    nothing: (days) => `En las pantallas no cambia nada en los próximos ${counts.days(days)}.`,
    changes: (time, many, days, screens, all) =>
      `${time} ${many ? 'cambian' : 'cambia'} en los próximos ${counts.days(days)}, en ${number(screens)} de ${counts.screens(all)}.`,
    other: (owner) => `otra cosa en ${owner}`,
    instead: (after, before) => `${after} en lugar de ${before}`,
    change: (department, screens, what, first, time) =>
      `En ${department}, ${counts.screens(screens)} ${form(screens, { one: 'muestra', other: 'muestran' })} ${what}; la primera vez, ${first}: ${time}`,
    sameDay: (date, from, to) => `El ${date} de ${from} a ${to}`,
    overDays: (from, to) => `Del ${from} al ${to}`,
    idle: (when, screens, department, owner) =>
      `${when}, ${counts.screens(screens)} de ${department} no ${form(screens, { one: 'tiene', other: 'tienen' })} nada en el horario: se muestra ${owner}`,
    amiss: {
      expired: 'ha caducado y sus turnos pasan a otros',
      past_review: 'se muestra después del día en que debía revisarse',
      unapproved: 'se muestra en su versión anterior, porque sus cambios esperan aprobación',
      uncaptioned: 'es un video con palabras y no tiene subtítulos',
    },
    item: (title, what, time) => `«${title}» ${what}: ${time}`,
    asBefore: (line) => `${line}, como antes`,
    untilNow: (line, time) => `${line}, hasta ahora ${time}`,
    open: 'Abrirlo',
    moreIdle: (n) => `${number(n)} ratos más sin nada en el horario`,
    moreChanges: (n) => `${number(n)} cambios más`,
    moreItems: (n) => `${number(n)} contenidos más`,
    usual: (time) => `Como antes, en otros ratos tampoco hay nada en el horario: ${time} en total`,
  },
};
