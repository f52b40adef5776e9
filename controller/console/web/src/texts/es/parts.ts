import type { Texts } from '..';

export const parts: Texts['parts'] = {
  loading: 'Cargando',
};
