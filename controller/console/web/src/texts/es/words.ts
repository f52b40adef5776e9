import type { Texts } from '../en';
import { plurals } from '../numbers';

const { count, form } = plurals('es');

export const words: Texts['words'] = {
  phases: { symptoms: 'Síntomas', diagnosis: 'Diagnóstico', treatment: 'Tratamiento', recovery: 'Recuperación', prevention: 'Prevención' },
  platforms: { screens: 'Pantallas de las salas de espera', phone: 'Teléfonos de pacientes', feed: 'El sitio web público del hospital', paper: 'Papel, para entregar' },
  severities: { notice: 'Información', warning: 'Advertencia', emergency: 'Emergencia' },
  takeover: 'Aviso urgente',
  sources: { takeover: 'Aviso urgente', window: 'Horario', closed: 'Programación de cierre', filler: 'Relleno', slate: 'Carátula', order: 'Su nombre, porque alguien lo pidió' },
  owners: { closed: 'la programación de cierre', filler: 'el relleno', slate: 'la carátula', takeover: 'el aviso urgente' },
  states: { noPicture: 'Sin imagen', revoked: 'Acceso retirado', alone: 'Sin conexión', unpaired: 'Sin reproductor', neverSeen: 'Sin noticias', playing: 'Reproduciendo' },
  stateWords: {
    playing: () => 'Reproduce y tiene conexión',
    fetching: (_, files) => `Reproduce y tiene conexión; descarga ${count(files, { one: 'archivo', other: 'archivos' })} para lo que sigue`,
    alone: (at) => `Reproduce por su cuenta desde ${at}`,
    'no-display': (at) => `Sin imagen: el reproductor no encuentra ninguna pantalla; última noticia: ${at}`,
    restarting: () => 'Sin imagen por un momento: el reproductor reinicia su programa de pantalla',
    'display-off': () => 'Sin imagen: la pantalla está apagada',
    slate: () => 'No hay nada que mostrar más que la carátula: publique su departamento, o dele un relleno',
    'never-heard': () => 'Todavía no hay noticias de su reproductor',
    unpaired: () => 'Espera que la vinculen',
    revoked: () => 'El personal le retiró el acceso',
  },
  withNote: (state) => `${state}, con una nota`,
  kinds: {
    screen: 'pantalla', item: 'contenido', playlist: 'lista de reproducción', window: 'franja', closure: 'días de cierre', department: 'departamento', demand: 'lo que piden los pacientes', state: 'estado de la clínica',
    site: 'sede', layout: 'diseño', organisation: 'hospital', topic: 'tema',
  },
  noWords: 'Sin palabras',
  justNow: 'ahora mismo',
  zoneOf: (city) => `hora de ${city}`,
  quoted: (name) => `«${name}»`,
  moment: (date, clock) => `${date}, a las ${clock}`,
  dateAt: (date, clock) => `${date} a las ${clock}`,
  screenMinutes: (n, of) => `${n} ${form(of, { one: 'minuto de pantalla', other: 'minutos de pantalla' })}`,
  screenHours: (n, of) => `${n} ${form(of, { one: 'hora de pantalla', other: 'horas de pantalla' })}`,
  underAMinute: 'menos de un minuto de pantalla',
};
