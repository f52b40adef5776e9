// The states of a clinic and the moments of a visit, in words.
import { t } from '../texts';
import { list, named } from './words';

export const clinicStates = ['delay_30', 'delay_60', 'vaccination_day', 'screening_day', 'visitors_limited'] as const;
export const moments = ['arriving', 'waiting', 'called_soon', 'leaving'] as const;

export type ClinicState = (typeof clinicStates)[number];

export const stateName = (state: string): string => named(t.clinic.states, state);
export const momentName = (moment: string): string => named(t.clinic.moments, moment);

/** When an item shows, "Only: Waiting, Delay over 30 minutes"; empty if it does always. */
export function boundWords(item: { moments?: string[]; states?: string[] } | undefined): string {
  const when = [...(item?.moments ?? []).map(momentName), ...(item?.states ?? []).map(stateName)];
  return when.length ? t.clinic.only(list(when)) : '';
}
