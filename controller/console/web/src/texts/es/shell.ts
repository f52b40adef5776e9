import type { Texts } from '..';

export const shell: Texts['shell'] = {
  skip: 'Ir al contenido de la página',
  main: 'Principal',
  home: 'Anteroom, todas las pantallas',
  menu: 'Menú',
  signOut: 'Cerrar sesión',
  language: 'Idioma',
  scheme: { name: 'Colores', system: 'Como el sistema', light: 'Claros', dark: 'Oscuros' },
  signedOut: 'Sesión cerrada',
  notReached: 'El controlador no responde; se intenta de nuevo',
  live: 'En vivo',
  looking: 'Se consulta cada 5 segundos',
  takeOver: 'Enviar aviso urgente',
  inForce: (what) => `${what} en curso`,
  roles: { administrator: 'administrador', scheduler: 'programador', marketer: 'comunicación', reviewer: 'revisor', viewer: 'observador' },
  leave: {
    title: '¿Salir sin guardar?',
    why: 'Lo que cambió en esta página todavía no está guardado. Si sale ahora, se pierde.',
    leave: 'Salir sin guardar',
    stay: 'Quedarse aquí',
  },
  again: {
    title: 'Se cerró su sesión',
    how: 'Lo que escribió sigue en la página de atrás. Inicie sesión de nuevo y después guárdelo.',
    password: 'Contraseña',
    signIn: 'Iniciar sesión',
    done: 'Inició sesión de nuevo. No se perdió nada: guarde lo que tiene.',
  },
  missing: {
    title: 'Esa página no existe',
    nowhere: 'La dirección no lleva a ninguna parte',
    why: 'Quizá se escribió mal, o se eliminó lo que mostraba.',
    screens: 'Ver todas las pantallas',
  },
};
