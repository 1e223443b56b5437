// What every script that shows a conversation shares. Row texts only through textContent.
const ROLES = ['system', 'user', 'assistant', 'tool'], WHO = {system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool'};
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;  // as HIDDEN in escape.py
const visible = text => text.replace(HIDDEN, c => '[U+' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + ']');
const count = n => n.toLocaleString();
const many = (n, one, more) => count(n) + ' ' + (n === 1 ? one : more || one + 's');
function button(parent, text, kind, act) {
  const node = put(parent, 'button', kind, text);
  node.type = 'button';
  node.addEventListener('click', () => act(node));
  return node;
}
// A click asks once more before it does what cannot be seen at once; the second click within 4 seconds does it.
function sure(parent, text, kind, act) {
  const node = button(parent, text, kind, () => {
    if (node.dataset.sure) { node.disabled = true; return act(node); }
    node.dataset.sure = 1; node.textContent = text + '? Click again';
    setTimeout(() => { delete node.dataset.sure; node.textContent = text; }, 4000);
  });
  return node;
}
const content = turn => turn.parts ? turn.parts.map(part => part[0]).join('') : turn.content;
function bubble(parent, role) {
  const node = put(parent, 'div', 'bubble ' + (ROLES.includes(role) ? role : 'other'));
  put(node, 'div', 'who', WHO[role] || role || 'no role');
  return node;
}
function turns(parent, row) {
  for (const turn of row.turns) {
    const box = bubble(parent, turn.role), text = content(turn), words = put(box, 'div', 'words' + (text ? '' : ' quiet'));
    if (turn.parts) for (const [piece, why] of turn.parts) mark(words, piece, why, row.reasons);
    else words.textContent = visible(text || '') || (text === null ? '(nothing: null)' : '(empty)');
    if (turn.more) { const more = put(box, 'details', 'quiet'); put(more, 'summary', '', 'Other keys'); put(more, 'pre', '', turn.more); }
  }
}
// A place that a reason speaks of: tinted by its gravity, and numbered as in the list of reasons.
function mark(parent, piece, why, reasons) {
  if (!why.length) return put(parent, 'span', '', visible(piece));
  const first = reasons[why[0]], node = put(parent, 'mark', first.severity, visible(piece));
  node.title = why.map(i => reasons[i].title + (reasons[i].note ? ': ' + reasons[i].note : '')).join('\n');
  node.dataset.n = why.map(i => i + 1).join(',');  // shown by the style sheet: what is copied is the row's own text
  return node;
}
function parts(parent, pieces) {
  for (const [kind, text] of pieces) put(parent, {delete: 'del', insert: 'ins'}[kind] || 'span', '', visible(text));
}
// Unchanged stretches of a difference shrink to their edges; what changed stands in full.
function shortened(pieces, around = 160) {
  return pieces.map(([kind, text], i) => {
    const most = kind === 'equal' ? 2 * around + 20 : 1200;  // of a row that goes as a whole its edges are enough, too
    if (text.length <= most) return [kind, text];
    if (kind !== 'equal') return [kind, text.slice(0, most / 2) + ' … ' + text.slice(-most / 4)];
    return [kind, (i ? text.slice(0, around) : '') + ' … ' + (i < pieces.length - 1 ? text.slice(-around) : '')];
  });
}
function changedTurns(parent, list, whole) {
  for (const turn of list) {
    const box = bubble(parent, turn.role), words = put(box, 'div', 'words');
    if (turn.gone) put(box.firstChild, 'span', '', ' · removed');
    if (turn.parts.length) parts(words, whole ? turn.parts : shortened(turn.parts)); else { words.textContent = '(empty)'; words.classList.add('quiet'); }
  }
}
const typing = e => e.target.matches('input:not([type=checkbox]),textarea,select,[contenteditable=true]');
