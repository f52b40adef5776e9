// Which elements somebody can see, or will after scrolling a little: one observer for all of them.

const near = '320px';
const told = new Map<Element, (seen: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** Tells whether an element is in view or near it, now and whenever that changes, until the function that it returns is called. */
export function watch(element: Element, tell: (seen: boolean) => void): () => void {
  observer ??= new IntersectionObserver((entries) => {
    for (const entry of entries) told.get(entry.target)?.(entry.isIntersecting);
  }, { rootMargin: near });
  told.set(element, tell);
  observer.observe(element);
  return () => {
    told.delete(element);
    observer?.unobserve(element);
  };
}
