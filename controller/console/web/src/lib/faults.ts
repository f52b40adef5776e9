// What the controller says of fields, taken to the inputs that they were typed into. An input, or the group that a field is,
// names its fields as the API does: data-field="name id".
import type { FieldProblem } from '../api/problem';

/** What is said at inputs, and what belongs to none. */
export interface Placed {
  rest: FieldProblem[];
  /** How many are said at an input. */
  said: number;
  /** Takes it all away again. */
  clear: () => void;
}

let count = 0;

/** Says each thing at its input within an element, and puts the focus on the first of those. */
export function place(fields: FieldProblem[], within: Element): Placed {
  const rest: FieldProblem[] = [];
  const marks = new Map<HTMLElement, HTMLElement>();
  for (const field of fields) {
    const at = inputOf(field.location ?? '', within);
    if (!at || !field.message) rest.push(field);
    else if (marks.has(at)) marks.get(at)?.append(` ${field.message}`);
    else marks.set(at, mark(at, field.message));
  }
  const [first] = [...marks.keys()].sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  if (first) focusOn(first);
  if (first) marks.get(first)?.scrollIntoView({ block: 'nearest' });
  return { rest, said: marks.size, clear: () => marks.forEach((said, at) => unmark(at, said)) };
}

/** The input of "body.entries[2].item.id": of that, of "entries[2].item", of "entries[2]", or of "entries". */
function inputOf(location: string, within: Element): HTMLElement | undefined {
  for (let field = location.replace(/^(body|path)\./, ''); field; field = field.replace(/(^|\.)[^.[\]]*$|\[[^\]]*\]$|.$/, '')) {
    const found = [...within.querySelectorAll<HTMLElement>(`[data-field~="${CSS.escape(field)}"]`)].find((e) => e.getClientRects().length || e.closest('details:not([open])'));
    if (found) return found;
  }
  return undefined;
}

const isInput = (at: HTMLElement): boolean => at.matches('input, select, textarea');

function mark(at: HTMLElement, message: string): HTMLElement {
  const said = document.createElement('p');
  said.id = `fault-${++count}`;
  said.classList.add('small', 'fault');
  said.textContent = message;
  if (isInput(at)) at.after(said);
  else if (at.firstElementChild?.matches('legend')) at.firstElementChild.after(said);
  else at.prepend(said);
  describe(at, (ids) => [said.id, ...ids]);
  if (isInput(at)) at.setAttribute('aria-invalid', 'true');
  return said;
}

function unmark(at: HTMLElement, said: HTMLElement): void {
  describe(at, (ids) => ids.filter((id) => id !== said.id));
  if (isInput(at)) at.removeAttribute('aria-invalid');
  said.remove();
}

function describe(at: HTMLElement, change: (ids: string[]) => string[]): void {
  const ids = change((at.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean));
  if (ids.length) at.setAttribute('aria-describedby', ids.join(' '));
  else at.removeAttribute('aria-describedby');
}

function focusOn(at: HTMLElement): void {
  for (let around = at.closest('details'); around; around = around.parentElement?.closest('details') ?? null) around.open = true;
  const input = isInput(at) ? at : at.querySelector<HTMLElement>('input:not(:disabled), select:not(:disabled), textarea:not(:disabled), button:not(:disabled)');
  input?.focus();
}
