// Pictures and files in the web chat: chosen, pasted or dropped, looked at before they go, sent one by one with the words
// that were written below the first. A file is brought to the server first; the message that names it then waits in the
// chat's queue like every other.
const TEXTS = {
  th: {
    attach: 'แนบไฟล์', allowed: 'รูป วิดีโอ เสียง PDF ไฟล์ Office, ZIP หรือข้อความ ไม่เกิน {n} MB ต่อไฟล์', chosen: 'ไฟล์ที่จะส่ง', remove: 'เอา {n} ออก',
    cancel: 'ยกเลิกการส่ง {n}', again: 'ลองใหม่', large: 'ไฟล์ใหญ่เกิน {n} MB', kind: 'ส่งไฟล์ชนิดนี้ไม่ได้', many: 'ส่งไฟล์บ่อยเกินไป ลองใหม่ภายหลัง',
    lost: 'ยังส่งไม่ได้ จะลองใหม่เมื่อกลับมาออนไลน์', none: 'แชตนี้ไม่รับไฟล์', sending: 'กำลังส่ง {n}', drop: 'วางไฟล์ที่นี่',
  },
  en: {
    attach: 'Attach files', allowed: 'Pictures, videos, sound, PDF, Office, ZIP or text, up to {n} MB each', chosen: 'Files to send', remove: 'Remove {n}',
    cancel: 'Stop sending {n}', again: 'Try again', large: 'The file is larger than {n} MB', kind: 'This kind of file cannot be sent', many: 'Too many files for now. Try again later',
    lost: 'Not sent yet. It is tried again when you are back online', none: 'This chat takes no files', sending: 'Sending {n}', drop: 'Drop files here',
  },
  zh: {
    attach: '添加文件', allowed: '图片、视频、音频、PDF、Office、ZIP 或文本，每个不超过 {n} MB', chosen: '待发送的文件', remove: '移除 {n}',
    cancel: '停止发送 {n}', again: '重试', large: '文件超过 {n} MB', kind: '无法发送此类文件', many: '文件发送过于频繁，请稍后再试',
    lost: '尚未发送，恢复连接后将重试', none: '此聊天不接收文件', sending: '正在发送 {n}', drop: '将文件拖放到此处',
  },
};
const STYLE = `.clip{background:none!important;color:var(--mu)!important}
.tray{padding:8px 12px;border-top:1px solid var(--line);max-height:40%;overflow-y:auto}.tray ul{list-style:none;margin:0;padding:0;display:grid;gap:6px}
.tray li{display:flex;align-items:center;gap:8px;min-height:44px}.tray li>span{flex:1;min-width:0;overflow-wrap:anywhere;font-size:13px;line-height:1.4}.tray li img,.tray li>b{flex:none;width:44px;height:44px;object-fit:cover;border-radius:8px;background:var(--soft);text-align:center;line-height:44px;font-size:11px;text-transform:uppercase}
.tray em{display:block;font-style:normal;color:#b3261e}@media(prefers-color-scheme:dark){.tray em{color:#ffb4ab}}.tray progress{display:block;width:100%;height:6px;accent-color:var(--a)}.tray .again{padding:4px 12px;border:1px solid currentcolor;font-size:13px}
.tray p{margin-bottom:4px;color:var(--mu)}.dropping{outline:3px dashed var(--a);outline-offset:-8px}`;
const CLIP = 'M20 11.5 12.2 19.3a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.6 1.6 0 0 1-2.3-2.3l7.3-7.3';
const MEGABYTE = 1 << 20;

/** `address` is where files go, `token` gives the visitor's and `enqueue` sends a frame. */
export default function attach({ form, field, panel, address, token, enqueue }) {
  let lang = 'en', rules = null, busy = null, serial = 0;
  const chips = [];
  const t = (name, value) => (TEXTS[lang] || TEXTS.en)[name].replace('{n}', value);
  const most = () => Math.floor((rules?.most ?? 0) / MEGABYTE);

  const input = make('input', { type: 'file', multiple: '', hidden: '', onchange: () => { choose(input.files); input.value = ''; } });
  const clip = make('button', { type: 'button', class: 'clip', hidden: '', onclick: () => input.click() }, drawn(CLIP));
  const allowed = make('p', { class: 'small' });
  const list = make('ul');
  const news = make('p', { class: 'small', role: 'status' });
  const tray = make('div', { class: 'tray', role: 'group', hidden: '' }, allowed, list, news);
  field.before(clip);
  form.append(input);
  form.before(tray);
  const root = form.getRootNode();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];

  panel.addEventListener('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    choose(event.clipboardData.files);
  });
  const holdsFiles = (event) => rules && event.dataTransfer?.types.includes('Files');
  panel.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    panel.classList.add('dropping');
  });
  panel.addEventListener('dragleave', () => panel.classList.remove('dropping'));
  panel.addEventListener('drop', (event) => {
    panel.classList.remove('dropping');
    if (!holdsFiles(event)) return;
    event.preventDefault();
    choose(event.dataTransfer.files);
  });
  addEventListener('online', () => {
    for (const chip of chips) if (chip.state === 'lost') chip.state = 'wanted';
    work();
  });

  function choose(files) {
    for (const file of files) {
      const chip = { file, id: ++serial, state: rules ? file.size > rules.most ? 'large' : 'ready' : 'none', part: 0 };
      if (/^image\//.test(file.type)) chip.url = URL.createObjectURL(file);
      chips.push(chip);
    }
    draw();
    field.focus();
  }

  function drop(chip) {
    chip.request?.abort();
    if (chip.url) URL.revokeObjectURL(chip.url);
    chips.splice(chips.indexOf(chip), 1);
    draw();
    field.focus();
  }

  /** True where files take the words with them. */
  function send(text) {
    const going = chips.filter(({ state }) => state === 'ready');
    if (!going.length) return false;
    going.forEach((chip, place) => { Object.assign(chip, { state: 'wanted', text: place ? '' : text.trim() }); });
    work();
    return true;
  }

  async function work() {
    if (busy) return;
    for (let chip; (chip = chips.find(({ state }) => state === 'wanted'));) {
      busy = chip;
      chip.state = 'sending';
      draw();
      const { status, answer } = await bring(chip);
      if (!chips.includes(chip)) continue;
      if (status === 201) {
        const { file } = chip;
        enqueue({ type: 'message', text: chip.text, file: answer.file, title: [file.name, chip.text].filter(Boolean).join('\n') });
        drop(chip);
      } else chip.state = { 413: 'large', 415: 'kind', 422: 'none', 429: 'many' }[status] || 'lost';
    }
    busy = null;
    draw();
  }

  const bring = (chip) => new Promise((resolve) => {
    const request = chip.request = new XMLHttpRequest();
    const held = token();
    if (!held) return resolve({ status: 0 });
    request.open('POST', address);
    request.responseType = 'json';
    request.setRequestHeader('authorization', `Bearer ${held}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-file-name', encodeURIComponent(chip.file.name));
    request.upload.onprogress = ({ loaded, total }) => {
      chip.part = total ? loaded / total : 0;
      if (chip.bar) chip.bar.value = chip.part;
    };
    request.onloadend = () => resolve({ status: request.status, answer: request.response });
    request.send(chip.file);
  });

  function draw() {
    tray.hidden = !chips.length;
    tray.ariaLabel = t('chosen');
    allowed.textContent = rules ? t('allowed', most()) : t('none');
    list.replaceChildren(...chips.map(row));
    const sending = chips.find(({ state }) => state === 'sending');
    const told = sending ? t('sending', sending.file.name) : chips.map(({ state }) => FAULTS.has(state) ? words(state) : '').find(Boolean) || '';
    news.className = 'small';
    news.hidden = !told;
    if (news.textContent !== told) news.textContent = told;
    clip.hidden = !rules;
    clip.title = clip.ariaLabel = `${t('attach')}: ${t('allowed', most())}`;
    input.ariaLabel = t('attach');
    input.accept = rules?.kinds ?? '';
  }

  const words = (state) => t(state, most());

  function row(chip) {
    const { file, state, url, part } = chip;
    const name = make('span', {}, `${file.name} · ${size(file.size, lang)}`);
    chip.bar = state === 'sending' ? make('progress', { max: 1, value: part, 'aria-label': t('sending', file.name) }) : null;
    if (chip.bar) name.append(chip.bar);
    if (FAULTS.has(state)) name.append(make('em', {}, words(state)));
    const picture = url ? make('img', { src: url, alt: '' }) : make('b', { 'aria-hidden': 'true' }, file.name.split('.').pop().slice(0, 4));
    const again = ['lost', 'many'].includes(state) && make('button', { type: 'button', class: 'again', onclick: () => { chip.state = 'wanted'; work(); } }, t('again'));
    const remove = make('button', { type: 'button', 'aria-label': t(state === 'sending' ? 'cancel' : 'remove', file.name), onclick: () => drop(chip) }, drawn('M6 6l12 12M18 6L6 18'));
    return make('li', {}, picture, name, again || '', remove);
  }

  return {
    send,
    // Asked often: only news may take the focus from a button.
    offer: (news) => {
      if (rules?.most === news?.most) return;
      rules = news ?? null;
      draw();
    },
    language: (news) => { lang = news; draw(); },
  };
}

/** What a file that did not go shows of why. */
const FAULTS = new Set(['large', 'kind', 'many', 'lost', 'none']);

const size = (bytes, lang) => (bytes < MEGABYTE
  ? `${Math.max(1, Math.round(bytes / 1024)).toLocaleString(lang)} kB`
  : `${(bytes / MEGABYTE).toLocaleString(lang, { maximumFractionDigits: 1 })} MB`);

function make(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function drawn(path) {
  const [svg, line] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
