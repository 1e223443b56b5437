// The form of a row's edit with a live word difference; the draft stays in the browser until it is saved or cancelled.
let draft = null, timer, asked = 0;
const key = row => 'goldloop/draft/' + row.version + '/' + row.id;
function kept(row) { try { return JSON.parse(localStorage[key(row)]); } catch (e) { return null; } }
function keep(row) { try { localStorage[key(row)] = JSON.stringify(draft); } catch (e) { /* a full storage must not stop the edit */ } }
function forget(row) { localStorage.removeItem(key(row)); }
function copy(row) { return {why: '', turns: row.turns.map((turn, i) => ({role: turn.role, content: content(turn) || '', from: i}))}; }
function turnForm(form, row, turn, i) {
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
}
// words: of the button that saves; done(turns, why): what it does with them.
function editForm(row, words, done) {
  const form = put(root, 'div', 'edit');
  draft.turns.forEach((turn, i) => turnForm(form, row, turn, i));
  button(form, 'Add a turn', 'small', () => {
    const last = draft.turns[draft.turns.length - 1];
    draft.turns.push({role: last.role === 'user' ? 'assistant' : 'user', content: '', from: -1}); keep(row); paint();
  });
  const foot = put(form, 'div', 'edit-foot'), why = put(foot, 'input');
  why.placeholder = 'Why (optional, for the history)';
  why.setAttribute('aria-label', 'Why');
  why.value = draft.why;
  why.addEventListener('input', () => { draft.why = why.value; keep(row); });
  const save = button(foot, words, 'small primary', () => {
    save.disabled = true;
    setTimeout(() => { save.disabled = false; }, 3000);
    done(draft.turns, draft.why);
  });
  save.dataset.act = 'save';
  form.addEventListener('keydown', e => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); save.click(); } });
  button(foot, 'Cancel', 'small', () => { forget(row); draft = null; paint(); });
  const state = put(form, 'div', 'quiet edit-state', 'Nothing is changed until you save; this draft survives a reload.');
  state.setAttribute('role', 'status');
  preview(row);
}
function changed(row) { keep(row); clearTimeout(timer); timer = setTimeout(() => preview(row), 200); }
async function preview(row) {
  if (!draft) return;
  const mine = ++asked, said = await server.preview({id: row.id, version: row.version, turns: draft.turns}).catch(() => null);
  if (mine !== asked || !draft || !said) return;
  const state = root.querySelector('.edit-state'), places = [...root.querySelectorAll('.changes')];
  if (said.error) { state.textContent = said.error; state.classList.add('bad'); return; }
  state.classList.remove('bad');
  places.forEach((place, i) => {
    const pieces = said.turns[i] ? said.turns[i].parts : [];
    place.replaceChildren();
    place.hidden = !pieces.some(part => part[0] !== 'equal');
    parts(place, pieces);
  });
  const gone = said.turns.filter(turn => turn.gone).length;
  state.textContent = gone ? many(gone, 'turn') + ' will be removed.' : 'Nothing is changed until you save; this draft survives a reload.';
}
