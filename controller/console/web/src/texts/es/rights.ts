import type { Texts } from '../en';

export const rights: Texts['rights'] = {
  look: 'Puede ver esto, pero no cambiarlo',
  notYours: 'Esta página no es para su rol',
  window: 'Esta franja llega también a otros departamentos: puede verla, pero no cambiarla',
  noPublishing: 'Puede ver qué cambiaría, pero no publicarlo',
  noTakeover: 'Puede ver los avisos urgentes, pero no iniciarlos ni terminarlos',
  who: (roles) => `${roles} sí pueden. Pregunte a una de esas personas.`,
  elsewhere: 'Puede hacerlo solo en sus propios departamentos. Pregunte a un colega de allí o a un administrador.',
  whole: 'Solo puede quien es responsable de todo el hospital. Pregunte a un administrador.',
  roles: { administrator: 'los administradores', scheduler: 'los programadores', marketer: 'los de comunicación', reviewer: 'los revisores', viewer: 'los observadores' },
};
