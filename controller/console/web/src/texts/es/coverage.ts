import type { Texts } from '../en';
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { count } = plurals('es');

export const coverage: Texts['coverage'] = {
  lead: 'Qué fases de la atención llegan a la gente, y en qué idioma: lo que hay en la biblioteca, lo que está programado y lo que se ha mostrado de verdad.',
  department: 'Departamento',
  all: 'Todos los departamentos',
  layer: 'Qué mirar',
  layers: { ready: 'Está en la biblioteca', scheduled: 'Está programado', shown: 'Se ha mostrado' },
  layersWhy: {
    ready: 'En cuántos de sus idiomas un departamento podría mostrar algo de la fase: aprobado y válido ahora.',
    scheduled: 'En cuántos de sus idiomas lo publicado muestra algo de la fase en los próximos 7 días mientras el departamento está abierto.',
    shown: 'En cuántos de sus idiomas se ha mostrado algo de la fase, de principio a fin, en los últimos 30 días.',
  },
  of: (n, all) => `${number(n)} de ${number(all)}`,
  inLanguages: (n, all, phase) => `${phase}: ${number(n)} de ${count(all, { one: 'idioma', other: 'idiomas' })}`,
  noPhase: 'Sin fase de la atención',
  table: 'Cobertura por departamento y fase de la atención',
  tableOf: (department) => `Cobertura de ${department} por fase de la atención e idioma`,
  phase: 'Fase de la atención',
  none: 'Todavía no hay departamentos',
  noneHow: 'La cobertura se muestra por departamento.',
  noneDo: 'Crear un departamento',
  ready: (n) => count(n, { one: 'contenido listo', other: 'contenidos listos' }),
  others: (n) => count(n, { one: 'contenido no listo', other: 'contenidos no listos' }),
  perHour: (n) => `${number(n)} por hora`,
  rarely: 'menos de 0,1 por hora',
  notScheduled: 'sin programar',
  shownIn: (time, days) => `${time} en ${counts.days(days)}`,
  notShown: 'no se ha mostrado en 30 días',
  gaps: {
    'no-item': 'La biblioteca no tiene nada de esta fase',
    'no-language': 'La biblioteca no tiene nada de ella en este idioma',
    'not-ready': 'Lo que hay espera revisión o no es válido ahora',
    'not-scheduled': 'Nada de ella está programado',
    'not-shown': 'Está programado y no se ha mostrado',
  },
  close: {
    'no-item': 'Escribir una diapositiva de esta fase',
    'no-language': (language, title) => `Escribir «${title}» en ${language}`,
    'not-ready': 'Ver qué espera',
    'not-scheduled': 'Buscarlo en la biblioteca',
    'not-shown': 'Ver las pantallas',
  },
  open: (screens, hours) => `${counts.screens(screens)}, ${hours} horas completas de apertura por pantalla en los próximos 7 días.`,
  nothingPublished: 'No se ha publicado nada para este departamento, así que nada está programado.',
  howCounted:
    'Las veces por hora son una media de las pantallas y de las horas completas de apertura de los próximos 7 días, según lo publicado. Los tiempos mostrados son de reproducciones completas; los avisos urgentes no cuentan. Lo que no tiene palabras cuenta en todos los idiomas.',
};
