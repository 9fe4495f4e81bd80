// The list: tabs with live counts, status, search, and a window onto the rows, of which only the visible ones exist.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/runtime.js';
import { choose, loadList, loadMoreOfList } from '../actions.js';
import { t } from '../i18n.js';
import { stepping } from '../keys.js';
import { Icon } from '../icons.js';
import { goTo } from '../route.js';
import { isHeld, letGo, list, movedCount, shownIds } from '../shown.js';
import { conversations, counts, filter, may, selectedId } from '../store.js';
import { ConversationRow } from './conversation_row.js';
import { Failed, Nothing, Skeleton } from './states.js';

/** The height of a row, the same in inbox.css. */
const ROW = 106;
const SPARE = 6;
const TABS = ['mine', 'waiting', 'comments', 'all'];
const STATUSES = ['open', 'resolved'];

export function ConversationList() {
  return html`<section class="list" aria-label=${t('conversations')}>
    <header>
      <h2>${t('inbox')}</h2>
      <${Search} />
      <div class="tabs" role="group" aria-label=${t('list-tabs')}>${TABS.map((tab) => html`<button key=${tab} type="button"
        aria-pressed=${filter.value.tab === tab} onClick=${() => choose({ tab })}>${t(`tab-${tab}`)} <b>${counts.value[tab]}</b></button>`)}</div>
      <label class="status"><span class="hidden">${t('list-status')}</span><select value=${filter.value.status} onChange=${(event) => choose({ status: event.currentTarget.value })}>
        ${STATUSES.map((each) => html`<option key=${each} value=${each}>${t(`status-${each}`)}</option>`)}</select></label>
    </header>
    <${Rows} />
  </section>`;
}

function Search() {
  const [text, setText] = useState(filter.value.q);
  useEffect(() => {
    const timer = setTimeout(() => text.trim() !== filter.peek().q && choose({ q: text.trim() }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (!filter.value.q && text.trim()) setText('');
  }, [filter.value.q]);
  return html`<div class="search" role="search"><${Icon} name="search" />
    <input id="search" type="search" placeholder=${t('search-short')} aria-label=${t('search')} value=${text} onInput=${(event) => setText(event.currentTarget.value)} /></div>`;
}

function Rows() {
  const shown = list.value;
  const ids = shownIds.value;
  if (!shown || (shown.state === 'loading' && !ids.length)) return html`<${Skeleton} kind="rows" count=${7} />`;
  if (shown.state === 'failed') return html`<${Failed} problem=${shown.problem} retry=${loadList} />`;
  if (!ids.length) return html`<${Empty} />`;
  return html`<${Window} ids=${ids} hasMore=${Boolean(shown.next)} isStale=${Boolean(shown.problem)} />`;
}

function Empty() {
  const { tab, status, q } = filter.value;
  const clear = () => choose({ q: '', tab: 'all', status: 'open' });
  const elsewhere = status === 'open' ? 'resolved' : 'open';
  if (q) return html`<${Nothing} icon="search" title=${t('empty-search', { text: q })} text=${t(`empty-search-${status}`)} action=${t(`search-${elsewhere}`)} onAction=${() => choose({ status: elsewhere, tab: 'all' })} />
    <p class="under"><button type="button" class="plain" onClick=${clear}>${t('clear-filters')}</button></p>`;
  if (status === 'resolved') return html`<${Nothing} icon="check" title=${t('empty-resolved')} action=${t('clear-filters')} onAction=${clear} />`;
  return html`<${Nothing} icon=${['waiting', 'comments'].includes(tab) ? 'check' : 'inbox'} title=${t(`empty-${tab}`)} text=${t(tab === 'mine' && !may('conversations.reply') ? 'control-read-only' : `empty-${tab}-hint`)} />`;
}

function Window({ ids, hasMore, isStale }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [current, setCurrent] = useState(0);
  const wantsFocus = useRef(false);
  const selectedPlace = ids.indexOf(selectedId.value);
  const active = Math.min(current, ids.length - 1);
  const first = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const last = Math.min(ids.length, Math.ceil((view.top + view.height) / ROW) + SPARE);

  const look = () => setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  useLayoutEffect(look, []);
  useEffect(() => () => { isHeld.value = false; }, []);
  useEffect(() => {
    if (hasMore && last >= ids.length - SPARE) loadMoreOfList();
  }, [last, ids.length, hasMore]);
  // The selected conversation stays in sight when keys move from one to the next.
  useLayoutEffect(() => {
    if (selectedPlace < 0) return;
    if (stepping.is && box.current.contains(document.activeElement)) requestAnimationFrame(() => box.current?.querySelector(`[data-place="${selectedPlace}"]`)?.focus({ preventScroll: true }));
    setCurrent(selectedPlace);
    reveal(box.current, selectedPlace);
  }, [selectedId.value]);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    box.current.querySelector(`[data-place="${active}"]`)?.focus({ preventScroll: true });
  });

  const move = (event) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (to === undefined || event.altKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(ids.length - 1, to));
    reveal(box.current, next);
    look();
    wantsFocus.current = true;
    setCurrent(next);
  };
  const hold = (event) => { isHeld.value = event.type === 'pointerenter' || (event.type === 'focusin' && event.target.matches(':focus-visible')); };

  return html`<div class="rows" onPointerEnter=${hold} onPointerLeave=${hold} onFocusIn=${hold} onFocusOut=${hold}>
    ${movedCount.value > 0 && html`<button type="button" class="moved" onClick=${() => { letGo(); box.current.scrollTop = 0; }}>${t('list-moved', { count: movedCount.value })}</button>`}
    ${isStale && html`<p class="stale" role="status"><${Icon} name="cloud" size=${16} /> ${t('list-stale')}</p>`}
    <div class="scroll" ref=${box} onScroll=${look} onKeyDown=${move}>
      <ul style=${{ paddingTop: `${first * ROW}px`, paddingBottom: `${(ids.length - last) * ROW}px` }}>
        ${ids.slice(first, last).map((id, offset) => html`<${ConversationRow} key=${id} conversation=${conversations.value.get(id)} place=${first + offset} total=${ids.length}
          isSelected=${id === selectedId.value} isActive=${first + offset === active} open=${goTo} />`)}
      </ul>
    </div>
  </div>`;
}

function reveal(box, place) {
  const top = place * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
}
