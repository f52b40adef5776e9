import type { Texts } from '../en';
import { number } from '../numbers';

export const versions: Texts['versions'] = {
  lead: 'Se conserva todo lo que se guardó, con quién y cuándo. Elija dos para compararlas.',
  earlier: 'Una versión',
  later: 'La otra versión',
  one: (version, by, at) => `Versión ${number(version)}, ${by}, ${at}`,
  only: 'Por ahora solo existe esta',
  take: 'Tomar esta de nuevo',
  newest: 'Esta es la más nueva.',
  taken: (version) => `La versión ${number(version)} vuelve a ser la más nueva. Espera una revisión antes de poder mostrarse.`,
};
