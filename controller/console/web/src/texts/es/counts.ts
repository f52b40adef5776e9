import type { Texts } from '..';
import { plurals } from '../numbers';

const { count } = plurals('es');

export const counts: Texts['counts'] = {
  screens: (n) => count(n, { one: 'pantalla', other: 'pantallas' }),
  plays: (n) => count(n, { one: 'reproducción', other: 'reproducciones' }),
  items: (n) => count(n, { one: 'contenido', other: 'contenidos' }),
  days: (n) => count(n, { one: 'día', other: 'días' }),
  seconds: (n) => count(n, { one: 'segundo', other: 'segundos' }),
  takeovers: (n) => count(n, { one: 'aviso urgente', other: 'avisos urgentes' }),
  drills: (n) => count(n, { one: 'simulacro', other: 'simulacros' }),
};
