// What the desk shows: the row, its reasons, the way that was chosen, the buttons with their keys.
function paint() {
  const live = !!who;
  $('.desk').hidden = !live;
  if (!live) return;
  paintTop();
  root.replaceChildren();
  if (clash) return collision();
  if (!now) { empty(); return buttons(); }
  const top = put(root, 'div', 'detail-top');
  put(top, 'strong', 'num', 'Row ' + count(now.place) + ' of ' + count(now.of));
  for (const tag of now.tags) put(top, 'span', 'badge', tag);
  if (now.mine) put(top, 'span', 'quiet', 'You said: ' + now.mine);
  if (now.reasons.length) {
    const list = put(root, 'ol', 'reasons');
    for (const reason of now.reasons) { const line = put(list, 'li'); put(line, 'span', 'badge ' + reason.severity, reason.title); if (reason.note) put(line, 'span', '', ' ' + reason.note); }
  }
  if (mode === 'edit') editForm(now, 'Save this text', (list, why) => send('edit', {turns: list, note: why}));
  else { if (mode === 'fix') fixBox(); if (mode === 'tag') tagBox(); if (mode !== 'fix') turns(root, now); }
  buttons();
}
function paintTop() {
  const n = seen ? Math.max(0, Math.min(seen.total, seen.done)) : 0, total = seen ? seen.total : 0;
  $('.count').textContent = seen ? count(n) + ' of ' + count(total) + ' done' : '';
  $('.done i').style.width = (total ? 100 * n / total : 0) + '%';
  if (!$('.save.bad')) say(out.length ? 'Saving ' + out.length + '...' : seen && seen.mine ? 'All decisions saved' : '');
  if (!seen) return;
  const told = ['you ' + count(seen.mine + waiting()), ...seen.others.map(one => one[0] + ' ' + count(one[1]))];
  const held = seen.held.map(one => one[0] + ' holds ' + count(one[1]));
  $('.team').textContent = [told.join(', '), held.join(', '), seen.per_hour ? count(seen.per_hour) + ' an hour' : ''].filter(Boolean).join(' · ');
}
function empty() {
  const held = seen ? seen.held.reduce((n, one) => n + one[1], 0) : 0;
  const words = !seen || filling ? 'Reading...' : over() ? 'Every row of this queue is decided. Close it below to make one version of the decisions.'
    : held ? 'Nothing for you just now: ' + many(held, 'row') + ' in the hands of others. They come back when their time is over.' : 'Nothing is left for you in this queue.';
  put(root, 'div', 'empty', words);
}
function fixBox() {
  const box = put(root, 'div', 'card');
  put(box, 'strong', '', offer.title || 'Fix');
  if (offer.said) put(box, 'p', 'quiet', offer.said);
  for (const one of offer.rows) { if (one.kind === 'removed') put(box, 'p', '', 'This fix would drop the row.'); changedTurns(box, one.turns, true); }
  const line = put(box, 'div', 'way-line');
  if (!offer.said) { const go = button(line, '', 'small primary', () => act('fix')); put(go, 'kbd', '', 'f'); put(go, 'span', '', ' Accept this'); }
  if (now.fixes.length > 1) button(line, 'Another fix', 'small', () => propose((offer.at + 1) % now.fixes.length));
  button(line, 'Back to the text', 'small', () => { mode = ''; paint(); });
}
function tagBox() {
  const form = put(root, 'form', 'edit-foot edit'), input = put(form, 'input');
  input.value = now.tags.join(', ');
  input.setAttribute('aria-label', 'Tags, parted by commas');
  input.placeholder = 'Tags, parted by commas; Enter saves';
  const go = put(form, 'button', 'small primary', 'Keep with these tags');
  go.type = 'submit';
  form.addEventListener('submit', e => { e.preventDefault(); const tags = input.value.split(',').map(tag => tag.trim()).filter(Boolean).slice(0, 20); if (tags.length) send('tag', {tags}); });
  requestAnimationFrame(() => { input.focus(); input.select(); });
}
function collision() {
  const box = put(root, 'div', 'card conflict');
  put(box, 'strong', '', 'Somebody was quicker');
  put(box, 'p', '', clash.said);
  const line = put(box, 'div', 'way-line'), sent = clash.sent;
  button(line, 'Theirs is fine', 'small', () => { clash = null; paint(); });
  button(line, 'Mine should count', 'small primary', () => {
    clash = null;
    store(sent.row, sent.action, {turns: sent.turns, fix: sent.fix, tags: sent.tags, note: sent.note, settles: true});
    paint(); flush();
  });
  $('.choices').replaceChildren();
}
function buttons() {
  const bar = $('.choices');
  bar.replaceChildren();
  for (const [name, action, words, title] of ACTS) {
    if (action === 'skip') put(bar, 'span', 'gap-between');
    const node = button(bar, '', action === 'skip' || action === 'undo' ? 'minor' : '', () => { act(action); node.blur(); });
    put(node, 'kbd', '', name); put(node, 'span', '', ' ' + words);
    node.title = title;
    node.dataset.c = action;
    node.disabled = action === 'undo' ? !past.length && !(seen && seen.mine) : !now || (mode === 'edit' && action !== 'edit');
  }
  const help = button(bar, '', 'minor', keysList);
  put(help, 'kbd', '', '?'); put(help, 'span', '', ' Keys');
}
function keysList() {
  const list = $('.keys-list');
  if (list.open) return list.close();
  list.replaceChildren();
  put(list, 'h3', '', 'Keys');
  const table = put(list, 'table');
  for (const [name, , words, title] of [...ACTS, ['Esc', '', 'Leave a box', 'A draft of an edit stays in the browser'], ['?', '', 'This list', '']]) {
    const line = put(table, 'tr');
    put(put(line, 'td'), 'kbd', '', name); put(line, 'td', '', words); put(line, 'td', 'quiet', title);
  }
  button(list, 'Close', 'small', () => list.close());
  list.showModal();
}
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (!who || $('.keys-list').open && e.key !== '?') return;
  if (e.key === 'Escape' && element.contains(e.target) && typing(e)) { if (mode === 'tag') { mode = ''; paint(); } else e.target.blur(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || typing(e)) return;
  if (e.key === '?') { e.preventDefault(); return keysList(); }
  const found = ACTS.find(one => one[0] === e.key);
  if (!found || (mode === 'edit' && !['edit', 'undo'].includes(found[1]))) return;
  e.preventDefault();
  act(found[1]);
});
// Rows in the hand are leased; they are renewed while the page is looked at, and fall back to others when it is not.
const beat = setInterval(async () => {
  if (!document.body.contains(element)) return clearInterval(beat);
  if (!who || document.hidden || Date.now() - renewed < (props.value.renew || 60) * 1000) return;
  renewed = Date.now();
  for (const id of holds()) {
    const got = await server.renew({...who, row: id}).catch(() => null);
    if (got && got.until === null && (!now || now.id !== id)) queue = queue.filter(row => row.id !== id);
  }
}, 5000);
reset();
