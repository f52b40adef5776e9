// The usual wording for takeovers: plain language instead of colour codes, in English and Spanish. A hospital's own, written
// under Settings and approved, takes its place.
import type { TakeoverWords } from '../api/types';
import { t } from '../texts';

export interface Starter {
  id: string;
  /** In the language of whoever chooses it. */
  readonly name: string;
  severity: number;
  minutes: number;
  slides: TakeoverWords[];
}

function both(en: [title: string, text: string], es: [title: string, text: string]): TakeoverWords[] {
  return [
    { language: 'en', title: en[0], text: en[1] },
    { language: 'es', title: es[0], text: es[1] },
  ];
}

export const starters: Starter[] = [
  {
    id: 'fire', get name() { return t.takeover.wordings.fire; }, severity: 3, minutes: 60,
    slides: both(
      ['Fire in the building', 'Stay calm and do what staff tell you. Do not use the elevators.'],
      ['Incendio en el edificio', 'Mantenga la calma y siga al personal. No use los ascensores.'],
    ),
  },
  {
    id: 'leave', get name() { return t.takeover.wordings.leave; }, severity: 3, minutes: 60,
    slides: both(
      ['Please leave the building now', 'Walk to the nearest exit. Do not use the elevators. Staff will help you.'],
      ['Salga del edificio ahora', 'Camine a la salida más cercana. No use los ascensores. El personal le ayudará.'],
    ),
  },
  {
    id: 'stay', get name() { return t.takeover.wordings.stay; }, severity: 3, minutes: 60,
    slides: both(
      ['Please stay inside', 'Move away from windows and doors. Stay in this building until staff tell you that it is safe.'],
      ['Por favor, quédese adentro', 'Aléjese de ventanas y puertas. Quédese en este edificio hasta que el personal le diga que es seguro.'],
    ),
  },
  {
    id: 'water', get name() { return t.takeover.wordings.water; }, severity: 2, minutes: 120,
    slides: both(
      ['Please do not use the water', 'A water pipe has burst. Taps and toilets in this building are closed. Staff will show you others.'],
      ['Por favor, no use el agua', 'Se rompió una tubería. Los grifos y baños de este edificio están cerrados. El personal le indicará otros.'],
    ),
  },
  {
    id: 'outage', get name() { return t.takeover.wordings.outage; }, severity: 1, minutes: 120,
    slides: both(
      ['Our computers are not working', 'You will be seen, but it may take longer. If you feel worse, tell the front desk at once.'],
      ['Nuestras computadoras no funcionan', 'Le atenderemos, pero puede tardar más. Si se siente peor, avise de inmediato en la recepción.'],
    ),
  },
];

/** Words that are still to be written. */
export const ownWords: Starter = {
  id: 'own', get name() { return t.takeover.wordings.own; }, severity: 1, minutes: 60, slides: both(['', ''], ['', '']),
};
