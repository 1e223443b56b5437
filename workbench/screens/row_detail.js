// One row: read, edit with a live word diff, save, drop. Row texts only through textContent and textarea values.
const root = element.querySelector('.detail');
const ROLES = ['system', 'user', 'assistant', 'tool'], WHO = {system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool'};
let draft = null, timer, asked = 0;
function button(parent, text, kind, act) {
  const node = put(parent, 'button', kind, text);
  node.type = 'button';
  node.addEventListener('click', act);
  return node;
}
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;  // as HIDDEN in escape.py
const visible = text => text.replace(HIDDEN, c => '[U+' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + ']');
const key = row => 'goldloop/draft/' + row.version + '/' + row.id;
function kept(row) { try { return JSON.parse(localStorage[key(row)]); } catch (e) { return null; } }
function keep(row) { try { localStorage[key(row)] = JSON.stringify(draft); } catch (e) { /* a full storage must not stop the edit */ } }
function copy(row) { return {why: '', turns: row.turns.map((turn, i) => ({role: turn.role, content: turn.content || '', from: i}))}; }
function fill() {
  const row = props.value;
  draft = row && row.editable ? kept(row) : null;
  paint();
}
function paint() {
  const row = props.value;
  root.replaceChildren();
  if (!row) return;
  if (row.gone) return put(root, 'div', 'empty', row.gone);
  const top = put(root, 'div', 'detail-top');
  put(top, 'strong', 'num', 'Row ' + row.number.toLocaleString());
  put(top, 'span', 'quiet', row.source);
  for (const tag of row.tags) put(top, 'span', 'badge', tag);
  const acts = put(top, 'span', 'acts');
  if (!draft && row.editable) {
    button(acts, 'Edit', 'small', () => { draft = copy(row); paint(); }).dataset.act = 'edit';
    const drop = button(acts, 'Drop row', 'small', () => {
      if (drop.dataset.sure) { drop.disabled = true; trigger('drop', {id: row.id, version: row.version}); }
      else { drop.dataset.sure = 1; drop.textContent = 'Drop it? Click again'; setTimeout(() => { delete drop.dataset.sure; drop.textContent = 'Drop row'; }, 4000); }
    });
    drop.dataset.act = 'drop';
  }
  if (!row.editable) put(root, 'div', 'note', 'This is an older version, to read only. Go to the newest one to edit.');
  if (row.reasons.length) {
    const list = put(root, 'ul', 'reasons');
    for (const reason of row.reasons) {
      const line = put(list, 'li');
      put(line, 'span', 'badge ' + reason.severity, reason.title);
      if (reason.note) put(line, 'span', '', ' ' + reason.note);
    }
  } else if (row.checked) put(root, 'div', 'quiet fine', 'No check flags this row.');
  if (draft) edit(row); else read(row);
  if (row.extra && !draft) { const more = put(root, 'details', 'quiet'); put(more, 'summary', '', 'Other fields of the record'); put(more, 'pre', '', row.extra); }
}
function read(row) {
  for (const turn of row.turns) {
    const bubble = put(root, 'div', 'bubble ' + (ROLES.includes(turn.role) ? turn.role : 'other'));
    put(bubble, 'div', 'who', WHO[turn.role] || turn.role || 'no role');
    put(bubble, 'div', 'words' + (turn.content ? '' : ' quiet'), visible(turn.content || '') || (turn.content === null ? '(nothing: null)' : '(empty)'));
    if (turn.more) { const more = put(bubble, 'details', 'quiet'); put(more, 'summary', '', 'Other keys'); put(more, 'pre', '', turn.more); }
  }
}
function edit(row) {
  const form = put(root, 'div', 'edit');
  draft.turns.forEach((turn, i) => {
    const box = put(form, 'div', 'bubble edit-turn'), head = put(box, 'div', 'who'), pick = put(head, 'select');
    pick.setAttribute('aria-label', 'Role of turn ' + (i + 1));
    for (const role of ROLES.includes(turn.role) ? ROLES : [turn.role, ...ROLES]) { const option = put(pick, 'option', '', WHO[role] || role || 'no role'); option.value = role; }
    pick.value = turn.role;
    pick.addEventListener('change', () => { turn.role = pick.value; changed(row); });
    if (draft.turns.length > 1) button(head, 'Remove turn', 'small', () => { draft.turns.splice(i, 1); keep(row); paint(); });
    const area = put(box, 'textarea');
    area.value = turn.content;
    area.setAttribute('aria-label', 'Text of turn ' + (i + 1));
    const grow = () => { area.style.height = 'auto'; area.style.height = Math.min(area.scrollHeight + 4, 420) + 'px'; };
    area.addEventListener('input', () => { turn.content = area.value; grow(); changed(row); });
    requestAnimationFrame(grow);
    put(box, 'div', 'words changes').hidden = true;
  });
  button(form, 'Add a turn', 'small', () => {
    const last = draft.turns[draft.turns.length - 1];
    draft.turns.push({role: last.role === 'user' ? 'assistant' : 'user', content: '', from: -1}); keep(row); paint();
  });
  const foot = put(form, 'div', 'edit-foot'), why = put(foot, 'input');
  why.placeholder = 'Why (optional, for the history)';
  why.setAttribute('aria-label', 'Why');
  why.value = draft.why;
  why.addEventListener('input', () => { draft.why = why.value; keep(row); });
  const save = button(foot, 'Save as a new version', 'small primary', () => {
    save.disabled = true;
    setTimeout(() => { save.disabled = false; }, 3000);
    sent = row;
    trigger('save', {id: row.id, version: row.version, turns: draft.turns, why: draft.why});
  });
  save.dataset.act = 'save';
  button(foot, 'Cancel', 'small', () => { forget(row); draft = null; paint(); });
  const state = put(form, 'div', 'quiet edit-state', 'Nothing is changed until you save; this draft survives a reload.');
  state.setAttribute('role', 'status');
  preview(row);
}
let sent = null;
function forget(row) { localStorage.removeItem(key(row)); }
function changed(row) { keep(row); clearTimeout(timer); timer = setTimeout(() => preview(row), 200); }
async function preview(row) {
  const mine = ++asked, said = await server.preview({id: row.id, version: row.version, turns: draft.turns}).catch(() => null);
  if (mine !== asked || !draft || !said) return;
  const state = root.querySelector('.edit-state'), places = [...root.querySelectorAll('.changes')];
  if (said.error) { state.textContent = said.error; state.classList.add('bad'); return; }
  state.classList.remove('bad');
  places.forEach((place, i) => {
    const parts = said.turns[i] ? said.turns[i].parts : [];
    place.replaceChildren();
    place.hidden = !parts.some(part => part[0] !== 'equal');
    for (const [kind, text] of parts) put(place, {delete: 'del', insert: 'ins'}[kind] || 'span', '', visible(text));
  });
  const gone = said.turns.filter(turn => turn.gone).length;
  state.textContent = gone ? gone + (gone === 1 ? ' turn' : ' turns') + ' will be removed.' : 'Nothing is changed until you save; this draft survives a reload.';
}
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (e.key === 'Escape' && element.contains(e.target)) return e.target.blur();
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.matches('input,textarea,select,[contenteditable=true]')) return;
  const edit = root.querySelector('[data-act=edit]');
  if (e.key === 'e' && edit) { e.preventDefault(); edit.click(); const area = root.querySelectorAll('textarea'); if (area.length) area[area.length - 1].focus(); }
});
watch('value', () => {
  if (sent && props.value && (props.value.id !== sent.id || props.value.version !== sent.version)) forget(sent);  // it was saved
  sent = null;
  fill();
});
fill();
