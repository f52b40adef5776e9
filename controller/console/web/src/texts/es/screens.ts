import type { Texts } from '../en';
import { number, plurals } from '../numbers';
import { counts } from './counts';

const { form } = plurals('es');

export const screens: Texts['screens'] = {
  none: 'Todavía no hay pantallas.',
  well: (n) => (n === 1 ? 'La única pantalla muestra lo que debe.' : `Las ${counts.screens(n)} muestran lo que deben.`),
  partly: (well, all) =>
    `${number(well)} de ${counts.screens(all)} ${form(well, { one: 'muestra lo que debe', other: 'muestran lo que deben' })}; ${number(all - well)} ${form(all - well, { one: 'necesita', other: 'necesitan' })} atención.`,
  pair: 'Vincular un reproductor',
  first: 'Instale la primera pantalla',
  firstHow: 'Encienda un reproductor junto a una pantalla. La pantalla muestra un código de ocho letras: escríbalo aquí e indique dónde está.',
  search: 'Buscar pantallas',
  searchBy: 'Nombre, lugar o contenido',
  department: 'Departamento',
  everyDepartment: 'Todos los departamentos',
  needLook: 'Necesitan atención',
  noMatch: 'Ninguna pantalla coincide',
  hidden: (n) => `La búsqueda oculta ${counts.screens(n)}.`,
  showAll: 'Mostrar todas',
};
