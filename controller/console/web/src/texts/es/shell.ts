import type { Texts } from '..';

export const shell: Texts['shell'] = {
  main: 'Principal',
  home: 'Anteroom, todas las pantallas',
  signOut: 'Cerrar sesión',
  language: 'Idioma',
};
