// A refusal in the reader's language: the server names its kind, the Fluent files hold the words.
import { label, refusal } from './format.js';
import { known, knownAttribute, t } from './i18n.js';

/** What happened. */
export function titleOf(problem) {
  if (problem.status === 0) return t('problem-network');
  return known(idOf(problem), said(problem)) ?? (problem.body.title || t('problem-server'));
}

/** What to do: in the reader's words, else in the server's. */
export function detailOf(problem) {
  if (problem.status === 0) return '';
  return knownAttribute(idOf(problem), 'detail', said(problem)) ?? refusal(problem.body.detail || '');
}

/** What the refusal names, for the sentences that repeat it. */
const said = ({ body: { says = '', account = '', field = '' } }) => ({ says: says.replace(/\.+$/, ''), account, field: label('channel-field', field) });

const idOf = (problem) => `problem-${String(problem.body.type ?? '').replace(/^sala:/, '')}`;
