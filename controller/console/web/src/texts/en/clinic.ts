// What is so in the clinic just now, and the moments of a visit.
export const clinic = {
  lead: 'Say what is so just now. Screens show what was made for it within a minute or two, and stop by themselves.',
  privacy: 'These are the only states there are. None says anything about a patient.',
  lasts: 'For how long',
  hours: { 30: '30 minutes', 60: '1 hour', 120: '2 hours', 240: '4 hours', 480: '8 hours' } as Record<number, string>,
  nothing: 'Nothing special.',
  set: (state: string, department: string) => `Set: ${state}, ${department}`,
  until: (state: string, since: string, until: string, who: string) => `${state}, since ${since} until ${until}, set by ${who}`,
  clear: 'It is over',
  clearOf: (state: string, department: string) => `It is over: ${state}, ${department}`,
  wasSet: (state: string, department: string, until: string) => `${state} is set in ${department} until ${until}.`,
  wasCleared: (state: string, department: string) => `${state} is over in ${department}.`,
  longer: 'Press it again for a longer time.',
  noItems: (states: string) => `No approved item is for ${states} yet, so setting that changes nothing on screens. Open an item and choose when it shows.`,
  toLibrary: 'To the library',
  states: {
    delay_30: 'Delay over 30 minutes', delay_60: 'Delay over an hour', vaccination_day: 'Vaccination day', screening_day: 'Screening day', visitors_limited: 'Visitors limited',
  } as Record<string, string>,
  moments: { arriving: 'Arriving', waiting: 'Waiting', called_soon: 'Called soon', leaving: 'Leaving' } as Record<string, string>,
  /** Of an item: where and when it shows. */
  bound: 'When it shows',
  boundHelp: 'Nothing chosen: always, on all screens of its playlists.',
  boundMoments: 'Only on screens where people are',
  boundStates: 'Only while the clinic is in one of these states',
  only: (when: string) => `Only: ${when}`,
  /** Of a screen. */
  stands: 'People before it are',
  standsHelp: 'At an entrance they arrive, at an exit they leave. Items may be for such a moment alone.',
};
