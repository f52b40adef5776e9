import type { Texts } from '../en';
import { number, plurals } from '../numbers';

const { count } = plurals('es');

export const voice: Texts['voice'] = {
  lead: 'Lo que hacen los pacientes en su teléfono después de escanear el código de una pantalla: qué piden, en qué idioma y qué les ayudó.',
  closed: 'Los teléfonos aún no llegan a ninguna página',
  closedHow: 'Quien administra el controlador le da con --public-url la dirección que los teléfonos pueden abrir, y las pantallas muestran entonces códigos junto a los contenidos que usted elija.',
  none: 'Todavía no hay nada que contar',
  noneHow: 'Una semana se cuenta cuando ha terminado, y solo con cifras de 11 personas o más. Elija en la configuración del departamento qué pueden pedir sus pacientes y dé a los contenidos un código para teléfonos.',
  noDepartment: 'Todavía no hay ningún departamento',
  department: 'Departamento',
  all: 'Todos los departamentos',
  period: 'Contado por',
  periods: { month: 'Meses', week: 'Semanas' },
  wanted: 'Lo que piden y la biblioteca no tiene',
  wantedLead: (months) => `De los últimos ${count(months, { one: 'mes', other: 'meses' })}, lo más pedido primero.`,
  wantedNone: 'La biblioteca tiene algo sobre cada tema que se ha pedido.',
  topic: 'Tema',
  item: 'Contenido',
  askedFor: 'Pedido',
  needs: 'Qué falta',
  needsWhat: {
    item: 'Un contenido sobre el tema',
    approval: 'La aprobación de un contenido que ya existe',
    language: 'Una versión en otro idioma',
  },
  needsLanguage: (language) => `Una versión en ${language}`,
  make: 'Crearlo',
  makeOf: (topic, department) => `Crearlo: ${topic} para ${department}`,
  look: 'Verlo',
  lookAt: (topic, department) => `Verlo: ${topic} para ${department}`,
  asked: 'Lo que pidieron',
  inPeriod: (period) => `Pedido: ${period}`,
  language: 'Idioma',
  everyLanguage: 'Todos los idiomas',
  items: 'Contenidos en teléfonos',
  opened: 'Páginas abiertas',
  read: 'Leído',
  helpful: 'Útil',
  unhelpful: 'No útil',
  openedIn: (n, period) => `${period}: páginas abiertas con el código de una pantalla: ${n}`,
  times: (n, more) => {
    if (n === 0) return more ? 'menos de lo que se puede contar' : '0';
    return more ? `${number(n)} y algunos más` : number(n);
  },
  ask: 'Qué pueden pedir los pacientes',
  askHelp: 'Los pacientes eligen entre estos temas en su teléfono, en el orden en que usted los marca. Hasta 30; sin ninguno, no se les pregunta.',
  askNone: 'Todavía no hay temas.',
  how: 'Las cifras son de 11 personas o más; las menores se ocultan para que no se pueda reconocer a nadie. No se cuenta nada de una semana que no ha terminado, y lo que se oculta en una semana puede contarse junto con otras cuando termina su mes. Nadie sabe quién pidió algo.',
};
