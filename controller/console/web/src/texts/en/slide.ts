// Writing a slide.
export const slide = {
  inOther: (title: string) => `“${title}” in another language`,
  change: (title: string) => `Change the words of “${title}”`,
  phase: 'Phase of care',
  noPhase: 'None',
  seconds: 'Seconds of a turn',
  put: 'Put it in the library',
  done: 'The slide is in the library',
  form: 'Form',
  templates: {
    notice: { name: 'Notice', help: 'A title and a short text' },
    steps: { name: 'What to expect', help: 'Up to six numbered steps' },
    questions: { name: 'Questions for the doctor', help: 'Up to six questions to take along' },
  },
  title: 'Title',
  steps: { all: 'Steps', one: (n: number) => `Step ${n}`, remove: (n: number) => `Remove step ${n}`, add: 'Another step' },
  questions: { all: 'Questions', one: (n: number) => `Question ${n}`, remove: (n: number) => `Remove question ${n}`, add: 'Another question' },
  text: 'Text',
  note: 'Small print at the foot',
  picture: 'The slide as screens will show it',
  writeTitle: 'Write a title to see the slide.',
  exactly: 'Exactly as screens will show it.',
};
