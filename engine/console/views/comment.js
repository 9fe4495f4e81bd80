// Comments on posts: the post they stand below, and to whom the answer speaks.
import { html } from '../vendor/runtime.js';
import { answerOf, chooseAnswer, privateRefused } from '../acts.js';
import { scriptOf } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

/** What somebody wrote below a post of ours. */
export function Comment({ comment, hidden }) {
  const { text, post, url, parent, image_url: image } = comment;
  const href = /^https?:\/\//.test(url ?? '') ? url : null;
  const place = post ? t('comment-on-post', { post: post.split('_').at(-1) }) : t('comment-on-some-post');
  return html`<div class="stack comment">
    <p class="post"><${Icon} name="book" size=${14} /> ${href ? html`<a href=${href} target="_blank" rel="noopener noreferrer">${place}</a>` : html`<span>${place}</span>`}
      ${parent && html`<span>· ${t('comment-answers')}</span>`}${hidden && html`<em><${Icon} name="eye" size=${14} /> ${t('comment-hidden')}</em>`}</p>
    ${text && html`<p class="part" lang=${scriptOf(text)}>${text}</p>`}
    ${image && html`<p class="part other"><${Icon} name="file" size=${16} /> ${t('content-image')}</p>`}
  </div>`;
}

/** Whether everybody or the author alone reads the answer; what cannot be is explained. */
export function Audience({ id }) {
  const answer = answerOf(id);
  if (!answer) return null;
  const refused = privateRefused(id);
  return html`<fieldset class="audience"><legend class="hidden">${t('comment-audience')}</legend>
    ${['private', 'public'].map((each) => html`<label key=${each}><input type="radio" name="audience" value=${each} checked=${answer === each} disabled=${each === 'private' && refused}
      onChange=${() => chooseAnswer(id, each)} /> ${t(`comment-${each}`)}</label>`)}
    <p class="quiet">${t(refused ? `comment-refused-${refused.replace('_', '-')}` : `comment-${answer}-hint`)}</p>
  </fieldset>`;
}
