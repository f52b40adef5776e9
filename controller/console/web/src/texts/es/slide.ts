import type { Texts } from '../en';

export const slide: Texts['slide'] = {
  inOther: (title) => `«${title}» en otro idioma`,
  change: (title) => `Cambiar el texto de «${title}»`,
  phase: 'Fase de la atención',
  noPhase: 'Ninguna',
  seconds: 'Segundos de un turno',
  put: 'Ponerla en la biblioteca',
  done: 'La diapositiva está en la biblioteca',
  form: 'Forma',
  templates: {
    notice: { name: 'Información', help: 'Un título y un texto corto' },
    steps: { name: 'Qué va a pasar', help: 'Hasta seis pasos numerados' },
    questions: { name: 'Preguntas para el médico', help: 'Hasta seis preguntas para llevar' },
    facts: { name: 'Datos', help: 'Hasta seis frases, con un punto delante' },
  },
  title: 'Título',
  steps: { all: 'Pasos', one: (n) => `Paso ${n}`, remove: (n) => `Quitar el paso ${n}`, add: 'Otro paso' },
  questions: { all: 'Preguntas', one: (n) => `Pregunta ${n}`, remove: (n) => `Quitar la pregunta ${n}`, add: 'Otra pregunta' },
  facts: { all: 'Datos', one: (n) => `Dato ${n}`, remove: (n) => `Quitar el dato ${n}`, add: 'Otro dato' },
  text: 'Texto',
  note: 'Letra pequeña al pie',
  code: 'Dirección para un código QR',
  codeHelp: 'Donde hay más que leer, como https://medlineplus.gov/spanish/. Vacío: sin código.',
  picture: 'La diapositiva como la mostrarán las pantallas',
  writeTitle: 'Escriba un título para ver la diapositiva.',
  exactly: 'Exactamente como la mostrarán las pantallas.',
};
