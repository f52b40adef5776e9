// Keeps ticked questions on this phone, if its owner says so. Nothing is sent.
'use strict';
(() => {
  const list = document.getElementById('list');
  if (!list) return;
  const boxes = [...list.querySelectorAll('input[type=checkbox]')];
  const [keep, forget, print] = ['keep', 'forget', 'print'].map((what) => list.querySelector(`[data-do=${what}]`));
  const status = list.querySelector('[data-say]');
  const place = 'anteroom-questions';
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(place) ?? 'null');
      return Array.isArray(kept) ? kept : null;
    } catch {
      return null;
    }
  };
  const show = (kept) => {
    keep.hidden = kept;
    forget.hidden = !kept;
    status.textContent = kept ? status.dataset.say : '';
  };
  const write = () => {
    const others = (read() ?? []).filter((text) => !boxes.some((box) => box.value === text));
    try {
      localStorage.setItem(place, JSON.stringify([...others, ...boxes.filter((box) => box.checked).map((box) => box.value)]));
      show(true);
    } catch {
      keep.disabled = true; // this browser keeps nothing
    }
  };
  const kept = read();
  for (const box of boxes) {
    if (kept) box.checked = kept.includes(box.value);
    box.addEventListener('change', () => {
      if (read()) write();
    });
  }
  show(kept !== null);
  keep.addEventListener('click', () => {
    write();
    if (!forget.hidden) forget.focus();
  });
  forget.addEventListener('click', () => {
    localStorage.removeItem(place);
    show(false);
    keep.focus();
  });
  print.addEventListener('click', () => window.print());
  list.querySelector('.kept').hidden = false;
})();
