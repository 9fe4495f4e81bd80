// What the web chat needs only once it is open: the entry "continue in another app", a button that copies the code it
// gives, a signed link in the page's address, which says who its visitor is, and words for what has become of the chat.
const TEXTS = {
  th: ['คุยต่อในแอปอื่น', 'เปิดจากลิงก์ที่ได้รับ', 'คัดลอกรหัส', 'คัดลอกแล้ว'],
  en: ['Continue in another app', 'Opened by the link I was given', 'Copy the code', 'Copied'],
  zh: ['在其他应用继续', '通过收到的链接打开', '复制代码', '已复制'],
};
const STATES = {
  off: {
    th: 'ร้านปิดแชตชั่วคราว จะส่งข้อความให้เมื่อเปิดอีกครั้ง',
    en: 'This chat is switched off for now. Messages go out when it is back.',
    zh: '聊天暂时关闭，重新开放后将发送消息',
  },
  gone: { th: 'แชตนี้ปิดแล้ว ส่งข้อความไม่ได้อีก', en: 'This chat was closed. Nothing can be sent here.', zh: '此聊天已关闭，无法再发送消息' },
  anew: { th: 'แชตก่อนหน้าสิ้นสุดแล้ว เริ่มแชตใหม่', en: 'The earlier chat has ended. This is a new one.', zh: '之前的聊天已结束，这是新的聊天' },
  lost: { th: 'ติดต่อแชตไม่ได้ กำลังลองใหม่', en: 'The chat cannot be reached. Trying again.', zh: '无法连接聊天，正在重试' },
};
const PATH = 'M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2ZM9 12h6M12 9l3 3-3 3';
const STYLE = `.more { display: inline-flex; align-items: center; gap: 6px; flex: none; width: auto; max-width: 46%; padding: 0 10px; font: inherit; font-size: .8125rem; line-height: 1.3; text-align: start; }
.more svg { flex: none; }
.copy { align-self: start; min-height: 44px; margin: 6px 0 10px; padding: 4px 14px; border: 1px solid currentcolor; border-radius: 10px; background: none; color: inherit; font: inherit; cursor: pointer; }`;
/** The letters of a code; the last one checks the others. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const CODE = new RegExp(`(?:^|[^0-9A-Z])([${LETTERS}]{4}-[${LETTERS}]{4})(?![0-9A-Z])`);
const buttons = new WeakMap();

/** `before` is the button in the chat's head before which the entry stands; `enqueue` sends a frame. */
export default function more(before, enqueue, lang) {
  const texts = TEXTS[lang] || TEXTS.en;
  const [title, opened] = texts;
  const button = buttons.get(before) || make(before);
  button.lang = TEXTS[lang] ? lang : 'en';
  button.title = button.lastChild.textContent = title;
  button.onclick = () => enqueue({ type: 'choice', payload: 'sala/continue', title });
  button.texts = texts;
  offerCopies(button);
  const address = new URL(location);
  const token = address.searchParams.get('link');
  if (!token) return;
  // It is good once: a reload or a copied address must not bring it again.
  address.searchParams.delete('link');
  history.replaceState(history.state, '', address);
  enqueue({ type: 'choice', payload: `link/${token}`, title: opened });
}

/** What has become of the chat, in words; nothing where all is well. */
export const words = (state, lang) => STATES[state]?.[lang];

function make(before) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'more';
  const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PATH);
  svg.append(path);
  button.append(svg, document.createElement('span'));
  before.before(button);
  buttons.set(before, button);
  const root = before.getRootNode();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  new MutationObserver(() => offerCopies(button)).observe(root, { childList: true, subtree: true });
  return button;
}

/** Puts a button below each code that the bot has given. */
function offerCopies(button) {
  for (const part of button.getRootNode().querySelectorAll('.m.bot .part:not([data-code])')) {
    const code = CODE.exec(part.textContent)?.[1];
    part.dataset.code = code && isCode(code) ? code : '';
    if (part.dataset.code) part.after(copier(code, button));
  }
}

function isCode(code) {
  const values = [...code.replace('-', '')].map((letter) => LETTERS.indexOf(letter));
  return values.slice(0, 7).reduce((sum, value, place) => sum + (place + 1) * value, 0) % LETTERS.length === values[7];
}

function copier(code, { texts: [, , copy, copied], lang }) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'copy', lang, textContent: copy });
  button.setAttribute('aria-live', 'polite');
  button.onclick = async () => {
    await navigator.clipboard.writeText(code);
    button.textContent = copied;
  };
  return button;
}
