// What somebody may not do here, and who may.
export const rights = {
  look: 'You can look at this, but not change it',
  notYours: 'This page is not for your role',
  window: 'This window reaches other departments too: you can look at it, but not change it',
  noPublishing: 'You can see what would change, but not publish it',
  noTakeover: 'You can see takeovers, but not start or end them',
  who: (roles: string) => `${roles} may. Ask one of them.`,
  elsewhere: 'You may do this only in your own departments. Ask a colleague there or an administrator.',
  whole: 'Only who is responsible for the whole hospital may. Ask an administrator.',
  roles: { administrator: 'administrators', scheduler: 'schedulers', marketer: 'marketers', reviewer: 'reviewers', viewer: 'viewers' },
};
