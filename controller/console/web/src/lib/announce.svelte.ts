// One polite live region for the whole console: what was done, said to eyes and ears.

let message = $state('');
let timer: ReturnType<typeof setTimeout> | undefined;

export const said = {
  get message() {
    return message;
  },
};

/** Says that something was done. It goes away by itself; nothing that must be read belongs here. */
export function announce(text: string): void {
  clearTimeout(timer);
  message = text;
  timer = setTimeout(() => (message = ''), 6000);
}
