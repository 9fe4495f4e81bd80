// <sala-chat>, see docs/live-protocol.md.
const LANGUAGES = ['th', 'en', 'zh'];
const TEXTS = {
  title: 'คุยกับเรา|Chat with us|与我们聊天',
  place: 'พิมพ์ข้อความ…|Write a message…|输入消息…',
  send: 'ส่ง|Send|发送',
  close: 'ปิด|Close|关闭',
  customer: 'คุณ|You|您',
  bot: 'ผู้ช่วย|Assistant|助手',
  agent: 'เจ้าหน้าที่|Agent|客服',
  source: 'ที่มา: |Source: |来源：',
  good: 'คำตอบนี้ช่วยได้|This helped|有帮助',
  bad: 'คำตอบนี้ไม่ช่วย|This did not help|没有帮助',
  ready: 'เชื่อมต่อแล้ว|Connected|已连接',
  connecting: 'กำลังเชื่อมต่อ…|Connecting…|正在连接…',
  offline: 'ออฟไลน์อยู่ จะส่งข้อความให้เมื่อกลับมาออนไลน์|Offline. Messages go out when you are back.|您已离线，恢复连接后将发送消息',
  waiting: 'กำลังรอเจ้าหน้าที่|Waiting for a person|正在等待人工客服',
  minutes: 'กำลังรอเจ้าหน้าที่ อีกประมาณ {n} นาที|Waiting for a person, about {n} min|正在等待人工客服，约 {n} 分钟',
  joined: '{n} กำลังดูแลคุณ|{n} is with you now|{n} 正在为您服务',
  queued: 'รอส่ง|Waiting to send|等待发送',
  failed: 'ส่งไม่สำเร็จ แตะเพื่อลองใหม่|Not sent. Try again|发送失败，点按重试',
  unread: '{n} ข้อความใหม่|{n} new|{n} 条新消息',
  file: 'เปิดไฟล์|Open file|打开文件',
};

const STYLE = `
:host{all:initial;--a:var(--sala-accent,#0f6b63);--on:#fff;--bg:#fff;--fg:#1c2321;--mu:color-mix(in srgb,var(--fg) 72%,var(--bg));--soft:color-mix(in srgb,var(--fg) 6%,var(--bg));--line:color-mix(in srgb,var(--fg) 18%,var(--bg));color-scheme:light dark;
position:fixed;z-index:2147483000;right:max(16px,env(safe-area-inset-right));bottom:max(16px,env(safe-area-inset-bottom));
font:16px/1.6 system-ui,sans-serif}@media(prefers-color-scheme:dark){:host{--a:var(--sala-accent-dark,#5cc9bc);--on:#06231f;--bg:#171c1a;--fg:#e9efec}}*{box-sizing:border-box;font:inherit;color:inherit;margin:0}[hidden]{display:none!important}
button{border:0;background:none;padding:0;min-width:44px;min-height:44px;border-radius:14px;cursor:pointer}:disabled{opacity:.5}:focus-visible{outline:2px solid var(--a);outline-offset:1px}
svg{display:block;margin:auto;width:22px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.launch{width:60px;height:60px;border-radius:50%;box-shadow:0 6px 24px #0004}.launch,.head,form button,.customer .part{background:var(--a);color:var(--on)}
.count{position:absolute;top:-4px;right:-4px;min-width:24px;border-radius:14px;background:#b3261e;color:#fff}
dialog{position:absolute;inset:auto 0 0 auto;padding:0;width:388px;height:min(640px,calc(100dvh - 32px));max-width:none;max-height:none;overflow:hidden;
border:1px solid var(--line);border-radius:18px;background:var(--bg);color:var(--fg);box-shadow:0 16px 56px #0005}dialog[open],.log{display:flex;flex-direction:column}
.head{display:flex;padding:10px 8px 10px 18px}.head div{flex:1}.head :focus-visible{outline-color:var(--on)}h2,b{font-weight:600}.small,.who{font-size:13px}.who,.source,.state{color:var(--mu)}.banner{padding:8px 18px;background:var(--soft)}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:14px 16px;gap:10px}.m{align-self:flex-start;max-width:86%}.same{margin-top:-4px}.same .who,.system .who{display:none}
.part{width:fit-content;margin-top:2px;padding:8px 14px;border-radius:4px 16px 16px;background:var(--soft);white-space:pre-wrap;overflow-wrap:anywhere}img{display:block;max-width:100%;border-radius:10px}
.customer{align-self:flex-end;text-align:right}.customer .part{border-radius:16px 16px 4px;margin-left:auto;text-align:left}.system{align-self:center}.system .part{background:none;color:var(--mu);padding:0}a{text-decoration:underline}
.thumbs{display:flex;margin-left:-10px;color:var(--mu)}.thumbs svg{width:18px}.thumbs :last-child svg{rotate:180deg}.thumbs [aria-pressed=true]{color:var(--a)}[aria-pressed=true] svg{fill:currentColor;fill-opacity:.3}
.choices,.dots{display:flex;flex-wrap:wrap;gap:8px}.choices>*,.retry{padding:8px 16px;border:1px solid var(--a);border-radius:22px;color:var(--a);text-align:start}i{width:7px;height:7px;border-radius:50%;background:var(--mu)}
form{display:flex;align-items:flex-end;gap:6px;padding:10px 10px max(10px,env(safe-area-inset-bottom));border-top:1px solid var(--line)}
textarea{flex:1;min-height:44px;max-height:132px;resize:none;padding:8px 12px;border:1px solid var(--mu);border-radius:14px;background:var(--bg)}
textarea::placeholder{color:var(--mu)}@media(prefers-reduced-motion:no-preference){dialog[open]{animation:up .18s}i{animation:dot 1s infinite}i+i{animation-delay:.2s}@keyframes up{from{opacity:0;translate:0 10px}}@keyframes dot{50%{opacity:.25}}}
@media(max-width:480px){dialog{position:fixed;inset:0;width:100%;height:100dvh;border:0;border-radius:0}.head{padding-top:max(10px,env(safe-area-inset-top))}}`;

const ICONS = {
  chat: 'M21 12a8 8 0 0 1-8 8H4l1.8-3.2A8 8 0 1 1 21 12ZM9 12h0M13 12h0M17 12h0',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V5M6 11l6-6 6 6',
  thumb: 'M7 11v9H4v-9h3Zm0 0 4-7c2 0 2 1 2 3l-1 3h7a2 2 0 0 1 2 2l-1 6a2 2 0 0 1-2 2H7',
};

const mobile = matchMedia('(max-width:480px)');
const known = (lang) => LANGUAGES.find((each) => String(lang).toLowerCase().startsWith(each));
const scriptOf = (text) => /[\u0e00-\u0e7f]/.test(text) ? 'th' : /[\u4e00-\u9fff]/.test(text) ? 'zh' : 'en';

const make = (tag, properties, ...children) => {
  const node = document.createElement(tag);
  for (const name in properties) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), properties[name]);
    else node.setAttribute(name, properties[name]);
  }
  node.append(...children);
  return node;
};
const button = (properties, ...children) => make('button', { type: 'button', ...properties }, ...children);
const icon = (name) => {
  const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
};

const chat = (host) => {
  const account = host.getAttribute('account');
  const base = new URL(host.getAttribute('base') || import.meta.url, location);
  const key = 'sala:' + account;
  const shown = new Map(); // { message, node } by client id or id
  const answers = new Map();
  let starters = [], control = {}, memory = {}, tries = 0, unread = 0, typedAt = 0;
  let lang, socket, ready, cursor, heard, pings, retry, dotsEnd, flushing, offers, state, words, identity, spent, attach, extra, files, refused = 0;
  const t = (text, value) => (TEXTS[text] || '||').split('|')[LANGUAGES.indexOf(lang)].replace('{n}', value);
  const tell = (name, detail) => host.dispatchEvent(new CustomEvent('sala:' + name, { detail, bubbles: true, composed: true }));

  const count = make('b', { class: 'count small' });
  const title = make('h2');
  const line = make('p', { class: 'small', role: 'status' });
  const banner = make('p', { class: 'banner small', role: 'status' });
  const choices = make('div', { class: 'choices' });
  const dots = make('div', { class: 'dots', hidden: '' }, make('i'), make('i'), make('i'));
  const log = make('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: 0 }, choices, dots);
  const field = make('textarea', {
    rows: 1, maxlength: 4000,
    oninput: () => typed(),
    onkeydown: (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      submit();
    },
  });
  const shut = button({ onclick: () => close() }, icon('close'));
  const go = button({ onclick: () => submit() }, icon('send'));
  const launch = button({ class: 'launch', 'aria-haspopup': 'dialog', onclick: () => open() }, icon('chat'), count);
  const panel = make('dialog', {
    onkeydown: (event) => event.key === 'Escape' && !event.isComposing && close(),
    onclose: () => {
      launch.hidden = false;
      launch.focus();
      sync();
      tell('close');
    },
  });
  const form = make('form', {}, field, go);
  panel.append(make('div', { class: 'head' }, make('div', {}, title, line), shut), banner, log, form);

  const open = () => {
    if (panel.open) return;
    if (mobile.matches) panel.showModal();
    else panel.show();
    launch.hidden = true;
    unread = 0;
    draw();
    sync();
    bottom();
    field.focus();
    tell('open');
    import('./more.js').then((more) => {
      (extra = more).default(shut, enqueue, lang);
      words = more.words;
      status();
    });
    import('./attach.js').then((module) => {
      attach ||= module.default({ form, field, panel, address: new URL(`/channels/${account}/files`, base), token: () => stored().token, enqueue });
      attach.language(lang);
      status();
    });
  };
  const close = () => panel.close(), bottom = () => { log.scrollTop = 1e9; };
  const send = (text) => (text = String(text).trim()) && enqueue({ type: 'message', text });
  const setLanguage = (wanted) => {
    lang = known(wanted) || known(document.documentElement.lang) || known(navigator.language) || 'en';
    host.lang = panel.lang = lang;
    title.textContent = panel.ariaLabel = log.ariaLabel = t('title');
    shut.ariaLabel = t('close');
    go.ariaLabel = t('send');
    field.ariaLabel = field.placeholder = t('place');
    for (const each of shown.values()) {
      each.node.remove();
      each.node = bubbles(each.message);
    }
    draw();
    attach?.language(lang);
    extra?.default(shut, enqueue, lang);
  };

  const forget = () => {
    stored((kept) => { kept.token = kept.draft = null; kept.queue = []; });
    clear();
    renew();
  };
  const renew = () => { drop(); wake(); };
  const wake = () => { tries = 0; draw(); sync(); };

  // Storage may be blocked: then the page remembers.
  const stored = (change) => {
    try { memory = JSON.parse(localStorage.getItem(key)) || memory; } catch {}
    memory.queue ||= [];
    if (change) {
      change(memory);
      try { localStorage.setItem(key, JSON.stringify(memory)); } catch {}
    }
    return memory;
  };

  const owner = (token = stored().token) => token?.split('.')[1], signedIn = () => owner()?.startsWith('s-');

  const typed = () => {
    field.style.height = 'auto';
    field.style.height = field.scrollHeight + 2 + 'px';
    stored((kept) => { kept.draft = field.value; });
    if (field.value && Date.now() - typedAt > 3000) {
      typedAt = Date.now();
      frame({ type: 'typing' });
    }
  };
  const submit = () => {
    if (!attach?.send(field.value)) send(field.value);
    field.value = '';
    typed();
    field.focus();
  };
  const enqueue = (item) => {
    if (state === 'gone') return;
    item.client_id = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
    stored((kept) => kept.queue.push(item));
    draw();
    bottom();
    sync();
    flush();
  };

  // One tab at a time; the server knows a repeated client id.
  const flush = async () => {
    if (!ready || flushing) return;
    flushing = true;
    const work = async () => {
      for (let item; ready && (item = stored().queue.find((each) => !each.failed));) {
        const answer = await new Promise((resolve) => {
          answers.set(item.client_id, resolve);
          frame(item);
        });
        if (!answer) break;
        if (/too_fast|unavailable/.test(answer.code)) {
          await new Promise((resolve) => setTimeout(resolve, answer.retry_after_ms || 2000));
          continue;
        }
        if (answer.code) stored((kept) => { kept.queue.find((each) => each.client_id === item.client_id).failed = true; });
        draw();
      }
    };
    await (navigator.locks ? navigator.locks.request(key, work) : work());
    flushing = false;
    sync();
  };

  const inOrder = () => [...shown.values()].sort((a, b) => a.message.seq - b.message.seq);

  // A socket only while the panel is seen or a reply is due.
  const sync = () => {
    const last = inOrder().at(-1)?.message;
    const due = stored().queue.length || control.control === 'waiting' || (last?.author === 'customer' && Date.now() - last.at < 6e5);
    if (state === 'gone' || document.hidden || !navigator.onLine || !host.isConnected || !(panel.open || due)) drop();
    else if (!socket) connect();
  };

  const connect = () => {
    clearTimeout(retry);
    const url = new URL(`/channels/${account}/socket`, base);
    url.protocol = url.protocol.replace('http', 'ws');
    const mine = socket = new WebSocket(url);
    const lost = () => {
      if (mine !== socket) return;
      drop();
      retry = setTimeout(sync, Math.min(24e3, 1333 * 2 ** tries++) * (0.75 + Math.random() / 2));
    };
    mine.onopen = () => {
      identity = refused > 1 || host.identity === spent ? undefined : host.identity;
      frame({ type: 'hello', token: signedIn() && !identity ? null : stored().token, cursor, lang, identity });
    };
    mine.onclose = ({ code }) => {
      if (code === 4404) state = 'gone';
      if (code === 1009) answers.forEach((refuse) => refuse({ code }));
      lost();
    };
    mine.onmessage = ({ data }) => {
      heard = true;
      if (mine === socket) receive(JSON.parse(data));
    };
    heard = true;
    pings = setInterval(() => {
      if (!heard) return lost();
      heard = false;
      frame({ type: 'ping' });
    }, 25e3);
    status();
  };
  const drop = () => {
    const old = socket;
    socket = ready = null;
    clearTimeout(retry);
    clearInterval(pings);
    old?.close();
    answers.forEach((resolve) => resolve());
    answers.clear();
    typing(false);
    status();
  };
  const frame = (value) => socket?.readyState === 1 && socket.send(JSON.stringify(value));
  const clear = () => {
    shown.forEach(({ node }) => node.remove());
    shown.clear();
    control = {};
    cursor = null;
  };

  const receive = (news) => {
    const { type, message } = news;
    cursor = news.cursor ?? cursor;
    if (type === 'ready') {
      if (state !== 'anew') state = '';
      if (owner() !== owner(news.token)) {
        clear();
        cursor = news.cursor;
        if (signedIn() && !host.identity) stored((kept) => { kept.queue = []; kept.draft = field.value = ''; });
      }
      stored((kept) => { kept.token = news.token; });
      refused = 0;
      tries = 0;
      ready = true;
      ({ starters, files } = news);
      control = news;
      const before = shown.size;
      for (const each of news.messages) hear(each, before);
      tell('ready');
      flush();
    } else if (type === 'accepted') {
      state = '';
      settle(news.client_id, message);
      answer(news);
    } else if (type === 'message') {
      hear(message, true);
    } else if (type === 'control') control = news;
    else if (type === 'typing') typing(news.on);
    else if (type === 'resync') clear();
    else if (type === 'token') stored((kept) => { kept.token = news.token; });
    else if (type === 'service') state = news.on ? '' : 'off';
    else if (news.code === 'unauthorised') {
      socket.close();
      // A stranger begins anew; a page that signed somebody in may do so again.
      if (identity || signedIn()) {
        spent = identity;
        refused++;
        tell('identity');
      } else {
        stored((kept) => { kept.token = null; });
        clear();
        state = 'anew';
      }
    } else answer(news);
    draw();
    sync();
  };
  const hear = (message, isNews) => {
    if (!add(message) || !isNews || message.author === 'customer') return;
    typing(false);
    if (!panel.open) unread++;
    tell('message', message);
  };
  const answer = (news) => {
    answers.get(news.client_id)?.(news);
    answers.delete(news.client_id);
  };

  const add = (message) => {
    const id = message.id || message.client_id;
    const old = shown.get(id);
    const same = old && JSON.stringify(old.message.parts) === JSON.stringify(message.parts);
    if (!same) old?.node.remove();
    shown.set(id, { message, node: same ? old.node : bubbles(message) });
    return !old;
  };
  // The server has it: the bubble that waited becomes the message, unless the message came first.
  const settle = (id, message) => {
    stored((kept) => { kept.queue = kept.queue.filter((item) => item.client_id !== id); });
    const node = shown.get(id)?.node;
    shown.delete(id);
    if (message && node && !shown.has(message.id) && !message.parts[0]?.media) return shown.set(message.id, { message, node });
    node?.remove();
    if (message) add(message);
  };
  const typing = (on) => {
    clearTimeout(dotsEnd);
    dots.hidden = !on;
    if (on) dotsEnd = setTimeout(typing, 8000);
  };
  const status = () => {
    const told = state || (!ready && tries > 2 ? 'lost' : '');
    line.textContent = (navigator.onLine && words?.(told, lang)) || t(!navigator.onLine ? 'offline' : ready ? 'ready' : 'connecting');
    attach?.offer(state === 'gone' ? null : files);
    choices.hidden = field.disabled = go.disabled = state === 'gone';
    const { control: owner, agent, wait_minutes: minutes } = control;
    const text = owner === 'agent' ? t('joined', agent || t('agent'))
      : owner !== 'waiting' ? '' : minutes ? t('minutes', minutes) : t('waiting');
    banner.hidden = !text;
    if (banner.textContent !== text) banner.textContent = text;
  };

  // Nodes are kept: a screen reader hears each once.
  const draw = () => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
    const queue = new Map(stored().queue.map((item) => [item.client_id, item]));
    for (const [id, { message, node }] of shown) {
      if (message.id || queue.has(id)) continue;
      node.remove();
      shown.delete(id);
    }
    for (const item of queue.values()) {
      add({ ...item, seq: 1e15, author: 'customer', at: Date.now(), parts: [{ text: item.title || item.text }] });
    }
    let previous = {}, place = log.firstChild;
    for (const { message, node } of inOrder()) {
      if (node === place) place = node.nextSibling;
      else place.before(node);
      node.classList.toggle('same', previous.author === message.author && previous.name === message.name);
      refresh(node, message);
      previous = message;
    }
    const wanted = previous.seq ? previous.choices || [] : starters;
    if (offers !== wanted) choices.replaceChildren(...(offers = wanted).map(choice));
    count.hidden = !unread;
    count.textContent = unread || '';
    launch.ariaLabel = t('title') + (unread ? ', ' + t('unread', unread) : '');
    status();
    if (atEnd) bottom();
  };
  const refresh = (node, { id, client_id, failed, thumb }) => {
    const state = id ? '' : failed ? 'failed' : 'queued';
    if (node.state !== state) {
      node.state = state;
      const again = () => {
        stored((kept) => { kept.queue.find((item) => item.client_id === client_id).failed = false; });
        wake();
        flush();
      };
      node.lastChild.replaceChildren(failed ? button({ class: 'retry', onclick: again }, t(state)) : state && t(state));
    }
    node.thumbs?.forEach(([value, each]) => { each.ariaPressed = thumb === value; });
  };

  const choice = ({ title, payload }) =>
    button({ lang: scriptOf(title), onclick: () => (log.focus(), enqueue({ type: 'choice', payload, title })) }, title);
  const link = (url, text) => {
    url = new URL(url, base).href;
    return /^https?:/.test(url) ? make('a', { href: url, target: '_blank', rel: 'noopener' }, text) : text;
  };
  // It grows when it comes: who was at the end stays there.
  const grown = ({ target }) => log.scrollHeight - log.scrollTop - log.clientHeight < target.height + 120 && bottom();
  const image = (url, alt = '') => make('img', { src: new URL(url, base), alt, onload: grown });

  const bubbles = (message) => {
    const { id, author, name, at, parts, citations } = message;
    const who = [name || t(author), new Date(at).toLocaleTimeString(lang, { timeStyle: 'short' })];
    const node = make('div', { class: 'm ' + author }, make('p', { class: 'who' }, who.join(' · ')), ...parts.flatMap(bubble));
    if (citations?.length) node.append(make('p', { class: 'source small' }, t('source') + citations.map((each) => each.title).join(' · ')));
    if (author === 'bot') {
      node.thumbs = [[1, 'good'], [-1, 'bad']].map(([value, kind]) => [value, button({
        'aria-label': t(kind),
        onclick: () => {
          const now = shown.get(id).message;
          now.thumb = now.thumb === value ? 0 : value;
          frame({ type: 'thumb', message_id: id, value: now.thumb });
          refresh(node, now);
        },
      }, icon('thumb'))]);
      node.append(make('div', { class: 'thumbs' }, ...node.thumbs.map(([, each]) => each)));
    }
    node.append(make('p', { class: 'state small' }));
    return node;
  };
  const bubble = ({ type, text, kind = type, url, alt, media, buttons, cards, location: place }) => {
    if (cards) return cards.flatMap((card) => [card.image_url ? image(card.image_url) : '', make('b', {}, card.title), ...bubble({ text: card.text || '', ...card })]);
    const name = media?.name || (url && decodeURIComponent(url.split('/').pop()));
    const content = url ? [kind === 'image' ? image(url, alt || name) : link(url, name || t('file')), ...[media ? text : alt].filter(Boolean).map((words) => make('p', {}, words))]
      : place ? [place.title || place.address || place.latitude + ', ' + place.longitude]
        : (text || type).split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,!?)])/).map((piece, at) => at % 2 ? link(piece, piece) : piece);
    const node = make('div', { class: 'part', lang: scriptOf(text || '') }, ...content);
    return buttons ? [node, make('div', { class: 'choices' }, ...buttons.map(({ title, action }) =>
      action.url ? link(action.url, title) : choice({ title, ...action })))] : [node];
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  root.append(launch, panel);
  field.value = stored().draft || '';
  visualViewport?.addEventListener('resize', () => {
    panel.style.height = panel.open && mobile.matches ? visualViewport.height + 'px' : '';
  });
  for (const name of ['online', 'offline', 'storage']) addEventListener(name, wake);
  document.addEventListener('visibilitychange', wake);
  setLanguage(host.lang);
  return { open, close, send, setLanguage, forget, wake, renew };
};

class SalaChat extends HTMLElement {
  static observedAttributes = ['lang'];
  #identity;
  get identity() { return this.#identity; }
  set identity(token) {
    const before = this.#identity;
    this.#identity = token;
    if (token !== before) this.renew?.();
  }
  connectedCallback() {
    // Set before this file came.
    const { identity } = this;
    delete this.identity;
    this.identity = identity;
    if (!this.open) Object.assign(this, chat(this));
    this.wake();
  }
  disconnectedCallback() { this.wake(); }
  attributeChangedCallback(_, before, now) {
    if (this.open && now !== before) this.setLanguage(now);
  }
}
customElements.define('sala-chat', SalaChat);
