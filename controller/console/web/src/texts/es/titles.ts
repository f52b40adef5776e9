import type { Texts } from '..';

export const titles: Texts['titles'] = {
  screens: 'Pantallas',
  screen: 'Pantalla',
  pair: 'Vincular un reproductor',
  pairMany: 'Vincular varios reproductores',
  library: 'Biblioteca',
  item: 'Contenido',
  slide: 'Escribir una diapositiva',
  playlists: 'Listas de reproducción',
  playlist: 'Lista de reproducción',
  schedule: 'Horario',
  calendar: 'Calendario',
  window: 'Franja',
  closure: 'Días de cierre',
  review: 'Revisión',
  publish: 'Publicar',
  takeover: 'Aviso urgente',
  reports: 'Informes',
  hospital: 'Hospital',
  department: 'Departamento',
  missing: 'Esa página no existe',
};
