import type { Texts } from '../en';
import { plurals } from '../numbers';

const { count } = plurals('es');

export const counts: Texts['counts'] = {
  screens: (n) => count(n, { one: 'pantalla', other: 'pantallas' }),
  moreScreens: (n) => count(n, { one: 'pantalla más', other: 'pantallas más' }),
  windows: (n) => count(n, { one: 'franja', other: 'franjas' }),
  languages: (n) => count(n, { one: 'idioma', other: 'idiomas' }),
  times: (n) => count(n, { one: 'vez', other: 'veces' }),
  plays: (n) => count(n, { one: 'reproducción', other: 'reproducciones' }),
  items: (n) => count(n, { one: 'contenido', other: 'contenidos' }),
  entries: (n) => count(n, { one: 'entrada', other: 'entradas' }),
  regions: (n) => count(n, { one: 'región', other: 'regiones' }),
  turns: (n) => count(n, { one: 'turno', other: 'turnos' }),
  days: (n) => count(n, { one: 'día', other: 'días' }),
  takeovers: (n) => count(n, { one: 'aviso urgente', other: 'avisos urgentes' }),
  drills: (n) => count(n, { one: 'simulacro', other: 'simulacros' }),
};
