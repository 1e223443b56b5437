// One row at a time, by keyboard alone. A decision is kept in the browser until the server has it, so that a lost
// network or a reload loses nothing. Row texts only through textContent.
const root = element.querySelector('.desk-row'), $ = s => element.querySelector(s);
const ACTS = [['k', 'keep', 'Keep', 'The row stays as it is'], ['e', 'edit', 'Edit', 'Change its text; Ctrl+Enter saves'], ['f', 'fix', 'Fix', 'Show what the proposed fix would change; f again accepts'], ['d', 'drop', 'Drop', 'The row goes, once the queue is closed'],
  ['t', 'tag', 'Tag', 'Keep it with other tags; Enter saves'], ['a', 'flag', 'Ask others', 'Somebody else should look at it'], ['s', 'skip', 'Skip', 'Decide nothing, do not show it to me again'], ['u', 'undo', 'Undo', 'Take my last decision back']];
const AHEAD = 3, AGAIN_MS = 2000, WAIT_MS = 15000;
let who = null, box = null, queue = [], now = null, past = [], out = [], seen = null, mode = '', offer = null, clash = null;
let era = 0, renewed = 0, sending = false, filling = false, again = false;
const say = (text, bad) => { $('.save').textContent = text; $('.save').classList.toggle('bad', !!bad); };
const holds = () => [now, ...queue].filter(Boolean).map(row => row.id);
const waiting = () => out.reduce((n, one) => n + ({undo: -1, skip: 0}[one.action] ?? 1), 0);
function reset() {
  const value = props.value;
  era += 1; queue = []; now = null; past = []; out = []; box = null; seen = null; sending = filling = false; mode = ''; clash = null; draft = null;
  who = value && value.queue && value.who ? {queue: value.queue, who: value.who} : null;
  $('.guide-words').textContent = value && value.guidelines || 'None were written for this queue.';
  say(''); paint();
  if (who) fill();
}
async function fill() {
  again = filling;
  if (filling || !who) return;
  const mine = era;
  filling = true;
  const have = [...new Set([...holds(), ...out.map(one => one.row)])].filter(Boolean);
  const got = await server.next_rows({...who, have, want: AHEAD - holds().length}).catch(() => null);
  if (mine !== era) return;
  filling = false;
  if (!got) { if (!now) say('The app does not answer. Trying again...', true); return setTimeout(() => { if (mine === era) fill(); }, AGAIN_MS); }
  if (got.error) { say(got.error, true); return paint(); }
  if (!box) {
    box = got.outbox;
    try { out = Object.keys(localStorage).filter(name => name.startsWith(box)).sort().map(name => JSON.parse(localStorage[name])); } catch (e) { out = []; }
    flush();
  }
  seen = got.progress;
  const known = [...holds(), ...out.filter(one => one.action !== 'undo').map(one => one.row)];
  queue.push(...got.rows.filter(row => !known.includes(row.id)));
  if (now) paintTop(); else { advance(); paint(); }  // a row that somebody writes in is not drawn again
  if (again && queue.length < AHEAD - 1) return fill();
  if (!now && !over()) setTimeout(() => { if (mine === era && !now) fill(); }, out.length ? AGAIN_MS : WAIT_MS);
}
const over = () => seen && seen.done >= seen.total;
function advance() { now = queue.shift() || null; mode = ''; offer = null; draft = now ? kept(now) : null; if (draft) mode = 'edit'; element.querySelector('.desk-body').scrollTop = 0; }
async function flush() {  // one at a time, oldest first
  if (sending || !out.length || !who) return;
  const mine = era, one = out[0];
  sending = true;
  const got = await server.decide({...who, ...one}).catch(() => null);
  if (mine !== era) return;
  sending = false;
  if (!got) { say('Not saved yet (' + out.length + '). Trying again...', true); return setTimeout(() => { if (mine === era) flush(); }, AGAIN_MS); }
  localStorage.removeItem(one.key); out.shift();
  if (got.error) refused(one, got.error);
  else {
    seen = got.progress; say('');
    if (one.row && one.action !== 'undo') forget({id: one.row, version: props.value.version});
    if (got.conflict) { clash = {...got.conflict, sent: one}; paint(); }
    if (got.given_back && !one.row) goBack(got.given_back);  // after a reload the server knows which one it was
  }
  paintTop(); flush();
  if (queue.length < AHEAD - 1) fill();
}
// What the server refused comes back in front of the person, with what was typed.
async function refused(one, words) {
  say('Not saved: ' + words, true);
  past = past.filter(row => row.id !== one.row);
  if (one.action === 'undo' || !one.row) return;
  await goBack(one.row);
  if (one.turns && now && now.id === one.row) { draft = {why: one.note || '', turns: one.turns}; mode = 'edit'; keep(now); paint(); }
}
async function goBack(id) {
  const mine = era, got = await server.go_back({...who, row: id}).catch(() => null);
  if (mine !== era || !got || !got.row || (now && now.id === id)) return;
  if (now) queue.unshift(now);
  queue = queue.filter(row => row.id !== id);
  now = got.row; mode = ''; draft = null; paint();
}
function store(row, action, more) {  // into the outbox: it leaves the browser only when the server has it
  const nonce = [...crypto.getRandomValues(new Uint32Array(4))].join('-');  // randomUUID needs https
  const one = {row, action, nonce, key: box + String(Date.now()).padStart(15, '0') + '/' + nonce, ...more};
  out.push(one);
  try { localStorage[one.key] = JSON.stringify(one); } catch (e) { /* a full storage: the decision still goes out */ }
  if ($('.save.bad')) say('');
}
function send(action, more) {
  const back = action === 'undo', item = back ? past.pop() : now;
  if (!who || !box || (!item && !back)) return;
  store(item ? item.id : '', action, more);
  if (!back) { past.push(now); advance(); }
  else if (item) { if (now) queue.unshift(now); now = item; mode = ''; draft = null; }
  paint(); flush();
  if (queue.length < AHEAD - 1) fill();
}
function act(action) {
  if (clash || (!now && action !== 'undo')) return;
  if (action === 'edit') { draft = kept(now) || copy(now); mode = 'edit'; paint(); const area = root.querySelectorAll('textarea'); if (area.length) area[area.length - 1].focus(); }
  else if (action === 'tag') { mode = mode === 'tag' ? '' : 'tag'; paint(); }
  else if (action === 'fix') { if (mode === 'fix' && offer && !offer.said) send('fix', {fix: offer.fix}); else propose(0); }
  else send(action);
}
async function propose(at) {
  const row = now, fix = row.fixes[at];
  mode = 'fix'; offer = {fix: fix ? fix.fix : '', at, title: fix ? fix.title : '', said: fix ? 'Reading...' : 'No check on this row proposes a fix. Edit it, or drop it.', rows: []};
  paint();
  if (!fix) return;
  const got = await server.mended({id: row.id, version: row.version, fix: fix.fix}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (row !== now || mode !== 'fix') return;
  offer = {...offer, said: got.error || got.said || '', rows: got.rows || []};
  paint();
}
watch('value', reset);
