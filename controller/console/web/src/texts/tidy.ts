/** Words with one space between them, whichever of them were left empty. */
export function tidy(text: string): string {
  return text.replace(/ {2,}/g, ' ').replace(/ ([.,;])/g, '$1');
}
