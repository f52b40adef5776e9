// The field in which people say in their own words when a window is on.
export const when = {
  label: 'In your own words',
  help: 'Write when it is on. The form below follows.',
  examples: 'For example',
  // Each must be understood; a test holds that.
  samples: ['every weekday 8:00-17:00 until 24 December, except closures', 'Mondays and Thursdays from 22:00 to 6:00', 'every day all day from 1 June until 31 August'],
  not: (part: string) => (part ? `“${part}” is not understood.` : 'Nothing is written here yet.'),
  why: {
    'unknown': 'Say days, times, dates and closed days; the form below is still as it was.',
    'twice': 'That has been said already, differently. Say it once.',
    'weeks': 'A window repeats by days of the week. Weeks and months cannot be counted: make a window for each such day, with its date.',
    'dates': 'A window repeats by days of the week, not by days of the month. Make a window for each such day, with its date.',
    'no-days': 'Say the days too: “every weekday”, “Mondays and Thursdays”, “every day”.',
    'no-hours': 'Say the times too: “8:00 to 17:00”, “22:00 to 6:00”, “all day”.',
    'no-date': 'There is no such date.',
    'backwards': 'The last day is before the first.',
    'closure': 'There is no set of closed days of that name. “Except closures” takes all that there are.',
  },
  again: 'Take the words of the form',
  elsewhere: 'Its rule was written elsewhere. What you write here takes its place.',
};
