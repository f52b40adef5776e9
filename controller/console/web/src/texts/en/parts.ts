// What several parts of pages say.
export const parts = {
  loading: 'Loading',
};
