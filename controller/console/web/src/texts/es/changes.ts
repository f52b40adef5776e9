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
  yes: 'sí',
  no: 'no',
  actions: { see: 'ver', edit: 'cambiar', approve: 'revisar', release: 'autorizar sin revisión', publish: 'publicar', alert: 'mostrar avisos urgentes' },
  kinds: { upload: 'archivos enviados', asset: 'archivos de la biblioteca', play: 'reproducciones', backup: 'copias de seguridad', audit: 'registro de auditoría', account: 'cuenta propia' },
  endings: { went_out: 'se publicó', taken_back: 'se retiró', replaced: 'otra ocupó su lugar' },
  of: {
    publication: { from: 'Las pantallas cambian', at: 'Publicada' }, waiting_publication: { at: 'Las pantallas cambian' }, takeover: { from: 'Empieza', until: 'Termina' },
    player: { screen: 'Pantalla' }, token: { name: 'Para qué es' }, state: { set: 'Indicado', until: 'hasta' }, topic: { names: 'Nombres' },
  },
  fields: {
    parent: 'Pertenece a', specialty: 'Especialidad', medlineplus: 'En MedlinePlus', mesh: 'Encabezamientos MeSH', url: 'dirección', group: 'un grupo',
    logo: 'Logotipo', websites: 'Sitios web que pueden mostrar páginas en un marco',
    brand: 'Aspecto', background: 'fondo', ink: 'letra', accent: 'acento', full_name: 'Nombre completo', role: 'Función', everywhere: 'En todos los departamentos', departments: 'Departamentos',
    account: 'Cuenta en el proveedor', disabled: 'Ya no trabaja aquí', owner: 'De quién', made: 'Creado', expires: 'Caduca', scope: 'Puede', read_only: 'solo lee', rights: 'puede', number: 'Número', at: 'Cuándo', by: 'Por',
    undo_of: 'Deshace la número', back_to: 'Recupera la número', waited: 'Esperó con el número', screens: 'Pantallas con algo nuevo', ordered: 'Pedida', ending: 'Cómo terminó', publication: 'Se publicó con el número',
    after: 'Pedida después de la número', severity: 'Gravedad', drill: 'Simulacro', slides: 'Texto', paired_at: 'Vinculado', paired_by: 'Vinculado por', revoked_at: 'Acceso retirado', revoked_by: 'Acceso retirado por',
    abilities: 'Qué puede su máquina', width: 'píxeles de ancho', height: 'píxeles de alto', software_gl: 'dibuja sin tarjeta gráfica', decoders: 'reproduce', software: 'Versión del programa',
    bytes: 'tamaño', medium: 'tipo', media_type: 'formato', digest: 'suma de comprobación', variants: 'tamaños', item: 'Contenido', weight: 'peso', transition: 'transición', fit: 'ajuste', whole_only: 'solo entero',
    name: 'Nombre', site: 'Sede', department: 'Departamento', zone: 'Reloj', hours: 'Horario de apertura', contacts: 'A quién se avisa', closures: 'Días de cierre', languages: 'Idiomas',
    fallback: 'Idioma si no hay otro', floors: 'Lo que debe mostrarse', ask: 'Los pacientes pueden pedir', demand: 'Sigue lo que piden los pacientes', percent: 'por ciento', floor: 'al menos', ceiling: 'como máximo', mode: 'Un paso', language_twelfths: 'doceavos de los idiomas', asked: 'pedido', topic: 'tema', language_targets: 'Parte mínima de cada idioma', filler: 'Relleno', closed: 'En días de cierre', twelfths: 'doceavos', tags: 'Etiquetas', rotation: 'Giro', volume: 'Volumen', moment: 'Momento de la visita', moments: 'Momentos de la visita', states: 'Estados de la clínica', alone: 'Por sí solo', checks: 'Listas de comprobación', entries: 'Contenidos, en orden',
    playlist: 'Lista de reproducción', layout: 'Diseño', start: 'Cuándo', first: 'Desde', last: 'Hasta', targets: 'Dónde', except: 'Pero no', priority: 'Prioridad', dates: 'Días', names: 'Nombres de los días',
    calendar: 'Calendario', regions: 'Regiones', all: 'Todas las pantallas', tag: 'con la etiqueta', renditions: 'Idiomas',
  },
};
