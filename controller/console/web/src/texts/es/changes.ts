import type { Texts } from '../en';
import { number, plurals } from '../numbers';

const { form } = plurals('es');

export const changes: Texts['changes'] = {
  open: 'Antes y después',
  openOf: (title) => ` de ${title}`,
  title: (kind, title) => `Lo que cambió en «${title}» (${kind})`,
  before: 'Antes',
  after: 'Después',
  field: 'Campo',
  isNew: 'Es nuevo: antes no había nada publicado.',
  isGone: 'Ya no está en lo que se publica.',
  goesBack: 'Esto vuelve a una versión anterior.',
  same: 'No hay diferencias en lo que escriben las personas.',
  who: (n) => form(n, { one: 'Quién lo guardó', other: 'Quiénes lo guardaron, primero lo más reciente' }),
  saved: (by, at) => `por ${by}, ${at}`,
  deleted: (by, at) => `${by} lo eliminó, ${at}`,
  openPage: 'Abrirlo',
  noHistory: 'Sus versiones anteriores no se pueden mostrar aquí.',
  weight: (n) => `peso ${number(n)}`,
  entry: (n, title, how) => `${n}. «${title}»: ${how}`,
  side: {
    x: (n) => `a un ${n} % de la izquierda`, y: (n) => `a un ${n} % de arriba`, w: (n) => `${n} % de ancho`, h: (n) => `${n} % de alto`,
  },
  fields: {
    name: 'Nombre', site: 'Sede', department: 'Departamento', zone: 'Reloj', hours: 'Horario de apertura', contacts: 'A quién se avisa', closures: 'Días de cierre', languages: 'Idiomas',
    fallback: 'Idioma si no hay otro', filler: 'Relleno', closed: 'En días de cierre', twelfths: 'doceavos', tags: 'Etiquetas', rotation: 'Giro', volume: 'Volumen', entries: 'Contenidos, en orden',
    playlist: 'Lista de reproducción', layout: 'Diseño', start: 'Cuándo', first: 'Desde', last: 'Hasta', targets: 'Dónde', except: 'Pero no', priority: 'Prioridad', dates: 'Días', names: 'Nombres de los días',
    calendar: 'Calendario', regions: 'Regiones', all: 'Todas las pantallas', tag: 'con la etiqueta', renditions: 'Idiomas',
  },
};
