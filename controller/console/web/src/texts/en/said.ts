/** What the controller says, by the code of each sentence. Its own sentences are English, so there is nothing to put here. */
export const said: Record<string, (...values: string[]) => string> = {};
