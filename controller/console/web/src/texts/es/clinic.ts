import type { Texts } from '../en';

export const clinic: Texts['clinic'] = {
  lead: 'Diga lo que ocurre en este momento. En uno o dos minutos las pantallas muestran lo que se hizo para ello, y dejan de hacerlo por sí solas.',
  privacy: 'No hay más estados que estos. Ninguno dice nada de un paciente.',
  lasts: 'Durante cuánto tiempo',
  hours: { 30: '30 minutos', 60: '1 hora', 120: '2 horas', 240: '4 horas', 480: '8 horas' },
  nothing: 'Nada especial.',
  set: (state, department) => `Indicar: ${state}, ${department}`,
  until: (state, since, until, who) => `${state}, desde las ${since} hasta las ${until}, indicado por ${who}`,
  clear: 'Ya pasó',
  clearOf: (state, department) => `Ya pasó: ${state}, ${department}`,
  wasSet: (state, department, until) => `${state}: indicado en ${department} hasta las ${until}.`,
  wasCleared: (state, department) => `${state}: ya pasó en ${department}.`,
  longer: 'Púlselo otra vez para más tiempo.',
  noItems: (states) => `Todavía no hay ningún contenido aprobado para ${states}, así que indicarlo no cambia nada en las pantallas. Abra un contenido y elija cuándo se muestra.`,
  toLibrary: 'Ir a la biblioteca',
  states: {
    delay_30: 'Retraso de más de 30 minutos', delay_60: 'Retraso de más de una hora', vaccination_day: 'Día de vacunación', screening_day: 'Día de detección', visitors_limited: 'Visitas limitadas',
  },
  moments: { arriving: 'Llegada', waiting: 'Espera', called_soon: 'A punto de pasar', leaving: 'Salida' },
  bound: 'Cuándo se muestra',
  boundHelp: 'Sin elegir nada: siempre, en todas las pantallas de sus listas.',
  boundMoments: 'Solo en pantallas donde el paciente está en',
  boundStates: 'Solo mientras la clínica está en uno de estos estados',
  only: (when) => `Solo: ${when}`,
  stands: 'Quien está delante se encuentra en',
  standsHelp: 'En una entrada, la llegada; en una salida, la salida. Un contenido puede ser solo para un momento así.',
};
