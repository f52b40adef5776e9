import type { Texts } from '../en';

export const when: Texts['when'] = {
  label: 'Con sus palabras',
  help: 'Escriba cuándo se muestra. El formulario de abajo lo sigue.',
  examples: 'Por ejemplo',
  samples: ['de lunes a viernes de 8:00 a 17:00 hasta el 24 de diciembre, excepto días de cierre', 'lunes y jueves de 22:00 a 6:00', 'todos los días todo el día desde el 1 de junio hasta el 31 de agosto'],
  not: (part: string) => (part ? `No se entiende «${part}».` : 'Aquí todavía no hay nada escrito.'),
  why: {
    'unknown': 'Diga días, horas, fechas y días de cierre; el formulario de abajo sigue como estaba.',
    'twice': 'Ya se dijo, y de otro modo. Dígalo una vez.',
    'weeks': 'Una franja se repite por días de la semana. No se pueden contar semanas ni meses: haga una franja para cada uno de esos días, con su fecha.',
    'dates': 'Una franja se repite por días de la semana, no por días del mes. Haga una franja para cada uno de esos días, con su fecha.',
    'no-days': 'Diga también los días: «de lunes a viernes», «lunes y jueves», «todos los días».',
    'no-hours': 'Diga también las horas: «de 8:00 a 17:00», «de 22:00 a 6:00», «todo el día».',
    'no-date': 'Esa fecha no existe.',
    'backwards': 'El último día es anterior al primero.',
    'closure': 'No hay ningún calendario de cierres con ese nombre. «Excepto días de cierre» toma todos los que hay.',
  },
  again: 'Tomar las palabras del formulario',
  elsewhere: 'Su regla se escribió en otro lugar. Lo que escriba aquí la sustituye.',
};
