// A fix that must not act unread, row by row: accept or leave each proposal, then apply the accepted ones together.
const root = element.querySelector('.panel'), STEP_KEYS = {a: 'accept', s: 'leave', u: 'back'};
let steps = null;
async function begin(value, fix) {
  steps = {value, fix, rows: [], at: 0, next: 0, of: value.flagged, said: []};
  await more();
}
async function more() {
  const mine = steps;
  if (!mine || mine.next === null) return paintStep();
  const got = await server.proposals({fix: mine.fix.fix, check: mine.value.check, version: mine.value.version, from: mine.next}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (mine !== steps) return;
  if (got.error) { mine.error = got.error; return paintStep(); }
  mine.rows.push(...got.rows); mine.next = got.next; mine.of = got.of;
  if (mine.at >= mine.rows.length && mine.next !== null) return more();
  paintStep();
}
function paintStep() {
  const one = steps.rows[steps.at], accepted = steps.said.filter(what => what === 'accept').length;
  root.replaceChildren();
  const top = put(root, 'div', 'panel-top');
  put(top, 'h3', '', steps.fix.title);
  put(top, 'span', 'quiet num', one ? count(steps.at + 1) + ' of ' + count(Math.max(steps.of, steps.rows.length)) : '');
  if (steps.error) put(root, 'div', 'note bad', steps.error);
  if (one) {
    put(root, 'p', 'quiet small', 'Row ' + count(one.number) + (one.note ? ' · ' + one.note : '') + (one.kind === 'removed' ? ' · would be dropped' : ''));
    const body = put(root, 'div', 'step-body');
    changedTurns(body, one.turns, false);
  } else put(root, 'p', 'empty', steps.rows.length ? 'That was the last one.' : 'This fix would change none of these rows.');
  const keys = put(root, 'div', 'way-line');
  for (const [key, words, what] of [['a', 'Accept', 'accept'], ['s', 'Leave as it is', 'leave'], ['u', 'Back', 'back']]) {
    const node = button(keys, '', 'small' + (what === 'accept' ? ' primary' : ''), () => step(what));
    put(node, 'kbd', '', key);
    put(node, 'span', '', ' ' + words);
    node.disabled = what === 'back' ? !steps.at : !one;
    node.dataset.step = what;
  }
  const foot = put(root, 'div', 'way-line');
  const apply = button(foot, accepted ? 'Apply ' + many(accepted, 'accepted row') : 'Nothing accepted yet', 'small' + (accepted ? ' primary' : ''), node => { node.disabled = true; finish(); });
  apply.disabled = !accepted;
  apply.dataset.act = 'apply-accepted';
  button(foot, 'Stop', 'small', () => fill());
  put(foot, 'span', 'quiet small', 'Nothing changes until you apply.');
}
function step(what) {
  if (what === 'back') { if (!steps.at) return; steps.at -= 1; steps.said.length = steps.at; return paintStep(); }
  if (!steps.rows[steps.at]) return;
  steps.said[steps.at] = what;
  steps.at += 1;
  if (steps.at >= steps.rows.length && steps.next !== null) more(); else paintStep();
}
function finish() {
  const taken = steps.rows.filter((one, i) => steps.said[i] === 'accept'), ids = kind => taken.filter(one => (one.kind === 'removed') === kind).map(one => one.id);
  trigger('accept', {fix: steps.fix.fix, check: steps.value.check, version: steps.value.version, changed: ids(false), removed: ids(true)});
}
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (!steps || !root.querySelector('[data-step]') || e.ctrlKey || e.metaKey || e.altKey || e.repeat || typing(e)) return;
  if (STEP_KEYS[e.key]) { e.preventDefault(); step(STEP_KEYS[e.key]); }
});
