// Runs before anything is drawn, so that who chose light or dark never sees the other for a moment.
// src/lib/scheme.svelte.ts keeps the choice.
try {
  const chosen = localStorage.getItem('scheme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.scheme = chosen;
} catch {
  // A browser that keeps nothing has the system's.
}
