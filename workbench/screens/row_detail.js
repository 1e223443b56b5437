// One row: read it with its reasons marked, see what changed and what the model will see, edit, mend, drop.
const root = element.querySelector('.detail');
const VIEWS = [['read', 'Text'], ['import', 'Since import'], ['parent', 'Last change'], ['tokens', 'As the model sees it']];
let view = 'read', sent = null;
function fill() {
  const row = props.value;
  draft = row && row.editable && !row.conflict ? kept(row) : null;
  paint();
}
function paint() {
  const row = props.value;
  root.replaceChildren();
  if (!row) return;
  if (row.gone) return put(root, 'div', 'empty', row.gone);
  head(row);
  if (row.conflict) return conflict(row);
  if (!row.editable) put(root, 'div', 'note', 'This is an older version, to read only. Go to the newest one to edit.');
  if (row.reasons.length) reasons(row);
  else if (row.checked) put(root, 'div', 'quiet fine', 'No check flags this row.');
  if (draft) return editForm(row, 'Save as a new version', (turns, why) => { sent = row; trigger('save', {id: row.id, version: row.version, turns, why}); });
  const tabs = put(root, 'div', 'views'), body = put(root, 'div', 'view');
  tabs.setAttribute('role', 'tablist');
  for (const [name, words] of VIEWS) {
    if (!row.changed && (name === 'import' || name === 'parent')) continue;
    const tab = button(tabs, words, 'view-tab', () => { view = name; paint(); });
    tab.dataset.view = name;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-selected', name === shownView(row));
  }
  if (shownView(row) === 'read') turns(body, row);
  else if (view === 'tokens') tokens(row, body);
  else changes(row, body);
  if (row.extra) { const more = put(root, 'details', 'quiet'); put(more, 'summary', '', 'Other fields of the record'); put(more, 'pre', '', row.extra); }
}
const shownView = row => !row.changed && (view === 'import' || view === 'parent') ? 'read' : view;
function head(row) {
  const top = put(root, 'div', 'detail-top');
  put(top, 'strong', 'num', 'Row ' + count(row.number));
  put(top, 'span', 'quiet', row.source);
  for (const tag of row.tags) put(top, 'span', 'badge', tag);
  const acts = put(top, 'span', 'acts');
  if (draft || !row.editable || row.conflict) return;
  button(acts, 'Edit', 'small', () => { draft = copy(row); paint(); }).dataset.act = 'edit';
  sure(acts, 'Drop row', 'small', () => trigger('drop', {id: row.id, version: row.version})).dataset.act = 'drop';
}
function reasons(row) {
  const list = put(root, 'ol', 'reasons');
  row.reasons.forEach(reason => {
    const line = put(list, 'li'), said = put(line, 'span', 'reason-said');
    put(said, 'span', 'badge ' + reason.severity, reason.title);
    if (reason.note) put(said, 'span', '', ' ' + reason.note);
    if (!row.editable || draft) return;
    const ways = put(line, 'span', 'reason-ways');
    if (reason.mend && reason.mend !== 'drop_rows') button(ways, 'Fix', 'link', node => propose(row, reason, line, node)).dataset.fix = reason.mend;
    button(ways, 'Not a problem', 'link', node => rule(row, reason, line, node)).dataset.rule = reason.check;
  });
}
function below(line, node) {  // what a reason's way out needs, under the reason
  const open = line.querySelector('.way');
  if (open) open.remove();
  if (open && open.dataset.of === node.textContent) return null;
  const box = put(line, 'div', 'way');
  box.dataset.of = node.textContent;
  return box;
}
async function propose(row, reason, line, node) {
  const box = below(line, node);
  if (!box) return;
  const said = await server.mended({id: row.id, version: row.version, fix: reason.mend}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (!box.isConnected) return;
  if (said.error || said.said) return put(box, 'span', 'quiet', said.error || said.said);
  put(box, 'div', 'quiet small', said.title);
  for (const one of said.rows) changedTurns(box, one.turns.filter(turn => turn.gone || turn.parts.some(part => part[0] !== 'equal')));
  button(box, 'Apply to this row', 'small primary', act => { act.disabled = true; trigger('mend', {id: row.id, version: row.version, fix: reason.mend}); }).dataset.act = 'mend';
}
function rule(row, reason, line, node) {
  const box = below(line, node);
  if (!box) return;
  const form = put(box, 'form', 'edit-foot edit'), why = put(form, 'input');
  why.placeholder = 'Why is it no problem here?';
  why.setAttribute('aria-label', 'Why it is no problem');
  why.required = true;
  why.maxLength = 500;
  const go = put(form, 'button', 'small primary', 'Do not raise it again');
  form.addEventListener('submit', e => { e.preventDefault(); go.disabled = true; trigger('rule', {id: row.id, version: row.version, check: reason.check, reason: why.value}); setTimeout(() => { go.disabled = false; }, 3000); });
  why.focus();
}
async function changes(row, body) {
  const said = await server.changes({id: row.id, version: row.version, since: view}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (!body.isConnected || props.value !== row) return;
  put(body, 'p', 'quiet fine', said.error || said.said);
  if (said.turns) changedTurns(body, said.turns, true);
}
async function tokens(row, body) {
  put(body, 'p', 'quiet fine', 'Reading the model\'s template...');
  const said = await server.tokens({id: row.id, version: row.version}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (!body.isConnected || props.value !== row) return;
  body.replaceChildren();
  if (said.error) return put(body, 'div', 'note', said.error);
  if (said.reason) put(body, 'div', 'note', 'This row trains on nothing: ' + said.reason + '.');
  if (said.note) put(body, 'div', 'note', said.note);
  const legend = put(body, 'p', 'token-legend');
  put(legend, 'span', 'token trained', 'trained'); put(legend, 'span', 'num', ' ' + count(said.counts.trained) + '   ');
  put(legend, 'span', 'token masked', 'read only'); put(legend, 'span', 'num', ' ' + count(said.counts.masked) + '   ');
  put(legend, 'span', 'token cut', 'cut off'); put(legend, 'span', 'num', ' ' + count(said.counts.cut));
  put(legend, 'span', 'quiet', '  tokens of ' + said.model + ', longest row ' + count(said.longest));
  const words = put(body, 'div', 'words tokens');
  for (const [kind, text] of said.pieces) put(words, 'span', 'token ' + kind, visible(text));
  if (said.more) put(body, 'p', 'quiet fine', 'and ' + many(said.more, 'more token'));
}
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (e.key === 'Escape' && element.contains(e.target)) return e.target.blur();
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || typing(e)) return;
  const act = root.querySelector('[data-act=edit]');
  if (e.key === 'e' && act) { e.preventDefault(); act.click(); const area = root.querySelectorAll('textarea'); if (area.length) area[area.length - 1].focus(); }
});
watch('value', () => {
  if (sent && props.value && !props.value.conflict && (props.value.id !== sent.id || props.value.version !== sent.version)) forget(sent);  // it was saved
  if (!props.value || !props.value.conflict) sent = null;
  fill();
});
fill();
