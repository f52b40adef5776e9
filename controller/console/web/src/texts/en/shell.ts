// What surrounds every page: the navigation, the bar on top, questions before leaving.
export const shell = {
  main: 'Main',
  home: 'Anteroom, all screens',
  signOut: 'Sign out',
  language: 'Language',
};
