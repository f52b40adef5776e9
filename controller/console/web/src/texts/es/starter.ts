import { plurals } from '../numbers';
import type { Texts } from '../en';

const { count } = plurals('es');

export const starter: Texts['starter'] = {
  title: 'Empezar con una plantilla',
  help: 'Da como primera lista lo que la biblioteca tiene para un departamento así, un horario de apertura y lo que debe mostrarse. Lo ve antes de crearlo, y se crea como borradores.',
  saveFirst: 'Guarde primero lo que cambió.',
  kind: 'Tipo de departamento',
  choose: 'Elija uno',
  names: {
    cardiology: 'Cardiología', paediatrics: 'Pediatría', emergency: 'Urgencias', 'family-medicine': 'Medicina de familia', maternity: 'Maternidad', orthopaedics: 'Traumatología',
  },
  show: 'Ver qué crearía',
  would: (name) => `Lo que la plantilla haría de ${name}`,
  playlist: (name, n) => `«${name}», ${count(n, { one: 'contenido', other: 'contenidos' })}:`,
  twice: 'el doble de veces',
  noPlaylist: 'Ninguna lista: la biblioteca todavía no tiene nada aprobado para ello.',
  missing: (phases) => `Falta en la biblioteca: nada aprobado para ${phases}.`,
  missingHow: 'Cree contenidos de estas fases y temas, o importe temas de salud. Después puede usar la plantilla otra vez.',
  hours: (hours) => `Abierto ${hours}.`,
  always: 'Siempre abierto.',
  on: 'La lista se muestra en horario de apertura, y es el relleno si todavía no hay ninguno.',
  floors: (floors) => `Debe mostrarse: ${floors}.`,
  languages: (targets) => `Como mínimo, de lo que tiene palabras: ${targets}.`,
  make: 'Crear estos borradores',
  made: 'Los borradores están creados. Las pantallas cambian cuando se publica el departamento.',
  toPublish: 'Ir a Publicar',
  undo: 'Deshacerlos',
  undone: 'Los borradores se han deshecho.',
};
