// Keeps the keyboard's place: where what has the focus is removed, it goes to what stands nearest; where it is disabled for a
// while or moved, it comes back.
const FOCUSABLE = 'a[href], button:not(:disabled), select:not(:disabled), summary, [tabindex]:not([tabindex="-1"])';
const FIELDS = 'input:not(:disabled), textarea:not(:disabled)';
// A field that takes the focus by itself would open the keyboard of a phone.
const selector = () => matchMedia('(pointer: coarse)').matches ? FOCUSABLE : `${FOCUSABLE}, ${FIELDS}`;

/** From the focused element upwards: each with its parent and its place there. Null where nobody waits for the focus. */
let trail = null;

export function keepFocus() {
  addEventListener('focusin', ({ target }) => { trail = trailOf(target); });
  addEventListener('pointerdown', () => { trail = null; }, true);
  new MutationObserver(mend).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
}

function trailOf(target) {
  const steps = [];
  for (let node = target; node.parentElement; node = node.parentElement) {
    steps.push({ node, parent: node.parentElement, place: [...node.parentElement.children].indexOf(node) });
  }
  return steps;
}

function mend() {
  if (!trail?.length || (document.activeElement && document.activeElement !== document.body)) return;
  const [{ node }] = trail;
  if (node.isConnected) {
    if (!node.disabled) node.focus({ preventScroll: true });
    return;
  }
  for (const { parent, place } of trail) {
    if (!parent.isConnected) continue;
    const [after, before] = [[...parent.children].slice(place), [...parent.children].slice(0, place).reverse()];
    const found = [...after, ...before].map(firstIn).find(Boolean);
    if (found) return found.focus({ preventScroll: true });
  }
}

function firstIn(node) {
  if (!node.checkVisibility?.()) return null;
  return node.matches(selector()) ? node : [...node.querySelectorAll(selector())].find((each) => !each.matches('.skip') && each.checkVisibility());
}
