// The picture of a rich menu with its areas: one is moved by its middle, resized by its corner, and drawn on empty ground.
import { html, useRef, useState } from '../../vendor/runtime.js';
import { t } from '../../i18n.js';

/** Smaller ones are a press by mistake. */
const LEAST = 40;

const clamp = (value, least, most) => Math.round(Math.max(least, Math.min(most, value)));

/** What a drag makes of an area, within the picture. */
export function dragged({ kind, area, from, to }, { width, height }) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (kind === 'move') {
    return { x: clamp(area.x + dx, 0, Math.max(0, width - area.width)), y: clamp(area.y + dy, 0, Math.max(0, height - area.height)), width: area.width, height: area.height };
  }
  if (kind === 'resize') {
    return { x: area.x, y: area.y, width: clamp(area.width + dx, LEAST, Math.max(LEAST, width - area.x)), height: clamp(area.height + dy, LEAST, Math.max(LEAST, height - area.y)) };
  }
  return { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(dx), height: Math.abs(dy) };
}

export function Canvas({ menu, picture, change, add }) {
  const node = useRef(null);
  const [drag, setDrag] = useState(null);
  const at = (event) => {
    // The picture may be narrower than its box: the matrix knows where it lies.
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.current.getScreenCTM().inverse());
    return { x: clamp(x, 0, menu.width), y: clamp(y, 0, menu.height) };
  };
  const begin = (kind, place) => (event) => {
    event.stopPropagation();
    node.current.setPointerCapture(event.pointerId);
    setDrag({ kind, place, area: menu.areas[place], from: at(event), to: at(event) });
  };
  const end = () => {
    const area = drag && dragged(drag, menu);
    if (drag?.kind === 'draw' && area.width > LEAST && area.height > LEAST) add(area);
    else if (drag && drag.kind !== 'draw') change(drag.place, area);
    setDrag(null);
  };
  const boxes = menu.areas.map((area, place) => drag?.place === place ? dragged(drag, menu) : area);
  if (drag?.kind === 'draw') boxes.push(dragged(drag, menu));
  const corner = Math.max(60, menu.width / 30);
  return html`<svg ref=${node} class="wide canvas" viewBox=${`0 0 ${menu.width} ${menu.height}`} role="img" aria-label=${t('line-canvas', { count: menu.areas.length })}
      onPointerDown=${begin('draw')} onPointerMove=${(event) => drag && setDrag({ ...drag, to: at(event) })} onPointerUp=${end} onPointerCancel=${() => setDrag(null)}>
    ${picture && html`<image href=${picture} width=${menu.width} height=${menu.height} preserveAspectRatio="none" />`}
    ${boxes.map((area, place) => html`<g key=${place}><rect class="body" x=${area.x} y=${area.y} width=${area.width} height=${area.height} onPointerDown=${begin('move', place)} /><text x=${area.x + area.width / 2} y=${area.y + area.height / 2} font-size=${Math.max(80, menu.height / 10)}>${place + 1}</text>
      <rect class="corner" x=${area.x + area.width - corner} y=${area.y + area.height - corner} width=${corner} height=${corner} onPointerDown=${begin('resize', place)} /></g>`)}
  </svg>`;
}
