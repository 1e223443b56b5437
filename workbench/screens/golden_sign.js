// Row texts only through textContent and value. Keys count while the desk is to be seen and nobody is typing.
const desk = element.querySelector('.sign-desk');
let at = 0, open = '', editing = false;
const rows = () => (props.value && props.value.rows) || [];
function pill(parent, text, kind) { put(parent, 'span', 'badge ' + kind, text); }
function button(parent, text, key, act, off) {
  const node = put(parent, 'button', '', '');
  if (key) put(node, 'kbd', '', key);
  node.append(text);
  node.type = 'button';
  node.disabled = !!off;
  node.addEventListener('click', act);
  return node;
}
function box(parent, label, value, lines) {
  const holder = put(parent, 'label', 'below', label), area = put(holder, 'textarea', '', '');
  area.rows = lines;
  area.value = value;
  return area;
}
function go(step) {
  const next = at + step;
  if (next < 0 || next >= rows().length) return;
  at = next; open = rows()[at].id; editing = false; fill();
}
function say(objects) {
  const row = rows()[at], said = desk.querySelector('.sign-note');
  if (!row || (row.own && !objects)) return;
  if (objects && !said.value.trim()) { said.placeholder = 'an objection needs a note: what is wrong?'; said.focus(); return; }
  open = rows()[at + 1] ? rows()[at + 1].id : row.id;
  trigger('sign', {row: row.id, note: said.value, objects: objects});
}
function edit(parent, row) {
  const form = put(parent, 'div', 'cell', '');
  const question = box(form, 'Last question', row.question, 3), reply = box(form, 'Right reply', row.reply, 6);
  const reason = box(form, 'What was wrong (kept, and printed in reports)', '', 1), choices = put(form, 'div', 'choices', '');
  button(choices, 'Make the next golden version', '', () => {
    open = row.id; editing = false;
    trigger('edit', {row: row.id, question: question.value, reply: reply.value, reason: reason.value});
  });
  button(choices, 'Leave it', 'Esc', () => { editing = false; fill(); });
  reply.focus();
}
function fill() {
  desk.replaceChildren();
  const value = props.value;
  if (!value) return;
  if (value.said) { put(desk, 'div', 'empty', value.said); return; }
  const sum = value.sum, all = rows(), found = all.findIndex(row => row.id === open);
  if (found >= 0) at = found;
  at = Math.max(0, Math.min(at, all.length - 1));
  const row = all[at], top = put(desk, 'div', 'rate-top', '');
  put(top, 'b', '', `${sum.signed} of ${sum.rows} signed off`);
  const bar = put(top, 'div', 'done', ''), inner = put(bar, 'i', '', '');
  inner.style.width = (sum.rows ? 100 * sum.signed / sum.rows : 0) + '%';
  if (sum.objected) pill(top, `${sum.objected} objected to`, 'warning');
  if (!row) { put(desk, 'div', 'empty', 'No row of this set may be read.'); return; }
  put(top, 'span', 'who', `row ${at + 1} of ${all.length} · ${row.id}`);
  pill(top, row.part === 'calibration' ? 'judge calibration' : row.part, row.part === 'sealed' ? 'error' : '');
  pill(top, row.state === 'unsigned' ? 'not signed yet' : row.state + ' by ' + row.by, {signed: 'ok', objected: 'warning'}[row.state] || '');
  if (row.note) put(desk, 'p', '', '“' + row.note + '” (' + row.by + ')');
  put(desk, 'span', 'who', 'asked');
  put(put(desk, 'div', 'question', ''), 'div', 'words', row.asked);
  put(desk, 'span', 'who', 'golden reply');
  put(put(desk, 'div', 'question', ''), 'div', 'words', row.reply);
  const note = put(desk, 'textarea', 'sign-note', '');
  note.rows = 1; note.placeholder = 'a note (needed to object)';
  const choices = put(desk, 'div', 'choices', '');
  button(choices, 'Sign off', 's', () => say(false), !!row.own);
  button(choices, 'Object', 'o', () => say(true));
  button(choices, 'Put right', 'e', () => { editing = true; fill(); });
  put(choices, 'span', 'gap-between', '');
  button(choices, 'Back', '←', () => go(-1), at === 0).className = 'minor';
  button(choices, 'Next', '→', () => go(1), at + 1 >= all.length).className = 'minor';
  if (row.own) put(desk, 'p', 'legend', row.own + ': somebody else has to sign it off.');
  if (editing) edit(desk, row);
}
function keys(e) {
  if (!element.isConnected) { document.removeEventListener('keydown', keys); return; }
  if (desk.offsetParent === null || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
  if (e.key === 'Escape' && editing) { editing = false; fill(); return; }
  if (e.target.matches('input,textarea,select,[contenteditable=true]')) {
    if (e.key === 'Escape') e.target.blur();
    return;
  }
  const act = {s: () => say(false), o: () => say(true), e: () => { editing = true; fill(); },
               ArrowLeft: () => go(-1), ArrowRight: () => go(1)}[e.key];
  if (act) { e.preventDefault(); act(); }
}
document.addEventListener('keydown', keys);
watch('value', fill);
fill();
