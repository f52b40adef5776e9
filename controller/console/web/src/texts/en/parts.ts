// What several pages say, and the parts that they share.
import { number } from '../numbers';

export const parts = {
  loading: 'Loading',
  save: 'Save',
  saved: 'Saved',
  cancel: 'Cancel',
  close: 'Close',
  add: 'Add',
  remove: 'Remove',
  removed: (name: string) => `“${name}” was removed`,
  name: 'Name',
  tryAgain: 'Try again',
  noPicture: 'No picture',
  nothing: '(nothing)',
  language: 'Language',
  except: (n: number) => (n ? `Except (${number(n)})` : 'Except'),
  conflict: {
    title: 'Somebody else saved this meanwhile',
    how: 'Nothing of either version is lost. Compare what differs, then choose which goes on. Every revision stays in the history.',
    differs: 'What differs',
    field: 'Field',
    yours: 'Yours',
    theirs: 'Theirs',
    same: 'Both say the same.',
    takeTheirs: 'Take theirs',
    keepMine: 'Keep mine',
  },
  targets: {
    all: 'All screens',
    some: 'Only some',
    wholeSite: 'whole site',
    itsScreens: (n: number) => (n === 1 ? 'Its one screen' : `Its ${number(n)} screens, one by one`),
    tags: 'Tags',
    noDepartments: 'There are no departments yet.',
    addOne: 'Add one',
  },
  unreadable: {
    title: (months: string) => `Plays that came in during ${months} cannot be read`,
    why: 'They are missing here, because a file of the controller is damaged. Ask whoever runs the controller to put a backup in its place: the controller’s log says which.',
  },
};
