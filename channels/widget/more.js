// What the web chat needs only once it is open: the menu entry "continue in another app", and a signed link in the
// page's address, which says who its visitor is.
const TEXTS = {
  th: ['คุยต่อในแอปอื่น', 'เปิดจากลิงก์ที่ได้รับ'],
  en: ['Continue in another app', 'Opened by the link I was given'],
  zh: ['在其他应用继续', '通过收到的链接打开'],
};
const PATH = 'M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2ZM9 12h6M12 9l3 3-3 3';
const buttons = new WeakMap();

/** `before` is the button in the chat's head before which the entry stands; `enqueue` sends a frame. */
export default function more(before, enqueue, lang) {
  const [title, opened] = TEXTS[lang] || TEXTS.en;
  const button = buttons.get(before) || make(before);
  button.ariaLabel = button.title = title;
  button.onclick = () => enqueue({ type: 'choice', payload: 'sala/continue', title });
  const address = new URL(location);
  const token = address.searchParams.get('link');
  if (!token) return;
  // It is good once: a reload or a copied address must not bring it again.
  address.searchParams.delete('link');
  history.replaceState(history.state, '', address);
  enqueue({ type: 'choice', payload: `link/${token}`, title: opened });
}

function make(before) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'more';
  const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PATH);
  svg.append(path);
  button.append(svg);
  before.before(button);
  buttons.set(before, button);
  return button;
}
