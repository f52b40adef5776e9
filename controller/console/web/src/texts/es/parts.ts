import type { Texts } from '../en';
import { number } from '../numbers';

export const parts: Texts['parts'] = {
  loading: 'Cargando',
  save: 'Guardar',
  saved: 'Guardado',
  cancel: 'Cancelar',
  close: 'Cerrar',
  add: 'Agregar',
  remove: 'Eliminar',
  removed: (name) => `Se eliminó «${name}»`,
  name: 'Nombre',
  tryAgain: 'Intentar de nuevo',
  noPicture: 'Sin imagen',
  nothing: '(nada)',
  language: 'Idioma',
  except: (n) => (n ? `Excepto (${number(n)})` : 'Excepto'),
  conflict: {
    title: 'Mientras tanto, otra persona lo guardó',
    how: 'No se pierde nada de ninguna de las dos versiones. Compare las diferencias y elija cuál continúa. Todas las revisiones quedan en el historial.',
    differs: 'Las diferencias',
    field: 'Campo',
    yours: 'La suya',
    theirs: 'La de la otra persona',
    same: 'Las dos dicen lo mismo.',
    takeTheirs: 'Tomar la otra',
    keepMine: 'Conservar la mía',
  },
  targets: {
    all: 'Todas las pantallas',
    some: 'Solo algunas',
    wholeSite: 'toda la sede',
    itsScreens: (n) => (n === 1 ? 'Su única pantalla' : `Sus ${number(n)} pantallas, una por una`),
    tags: 'Etiquetas',
    noDepartments: 'Todavía no hay departamentos.',
    addOne: 'Agregue uno',
  },
  unreadable: {
    title: (months) => `No se pueden leer las reproducciones recibidas en ${months}`,
    why: 'Aquí faltan, porque un archivo del controlador está dañado. Pida a quien administra el controlador que ponga una copia de seguridad en su lugar: el registro del controlador dice cuál.',
  },
};
