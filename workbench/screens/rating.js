// Blind rating with an outbox: a vote is kept in the browser until the server has it, so a lost network loses nothing.
// Answers are untrusted: they come in through textContent only. What the server sends names no arm.
const $ = s => element.querySelector(s), KEYS = {1: 'a', 2: 'b', 3: 'tie', 4: 'bad', s: 'skip', u: 'undo'};
let queue = [], now = null, past = [], out = [], box = null, done = 0, total = 0, shown = 0, sending = false, filling = false;
let era = 0, who = null;  // era: changes with the round or the rater, so that a late answer of the last one is dropped
const say = (text, bad) => { $('.save').textContent = text; $('.save').classList.toggle('bad', !!bad); };
const waiting = () => out.reduce((n, v) => n + (v.choice === 'undo' ? -1 : 1), 0);
function paint() {
  const live = !!who, over = live && total > 0 && !now && !queue.length && !filling;
  $('.rate').hidden = !live;
  if (!live) return;
  const n = Math.max(0, Math.min(total, done + waiting()));
  $('.count').textContent = n + ' of ' + total;
  $('.done i').style.width = (total ? 100 * n / total : 0) + '%';
  $('.cards').hidden = !now;
  $('.thanks').hidden = !over;
  for (const f of ['prompt', 'a', 'b']) $('[data-f=' + f + ']').textContent = now ? now[f] || (f === 'prompt' ? '' : '(an empty answer)') : '';
  for (const button of element.querySelectorAll('.choices [data-c]')) button.disabled = button.dataset.c === 'undo' ? !past.length : !now;
  if (!$('.save.bad')) say(out.length ? 'Saving ' + out.length + '...' : done ? 'All votes saved' : '');
}
function reset() {
  const value = props.value;
  era += 1; queue = []; now = null; past = []; out = []; box = null; done = total = 0; sending = filling = false;
  who = value && value.round && value.rater ? {round: value.round, rater: value.rater} : null;
  say(''); clear(); paint();
  if (who) fill();
}
async function fill() {
  if (filling || !who) return;
  const mine = era;
  filling = true;
  try {
    const r = await server.next_pairs({...who, have: [now, ...queue, ...out].filter(Boolean).map(p => p.row)});
    if (mine !== era) return;
    if (r.error) { filling = false; say(r.error, true); return paint(); }
    if (!box) { box = r.outbox; out = Object.keys(localStorage).filter(k => k.startsWith(box)).sort().map(k => JSON.parse(localStorage[k])); flush(); }
    done = r.done; total = r.total;
    const known = [now, ...queue, ...out].filter(Boolean).map(p => p.row);
    queue.push(...r.pairs.filter(p => !known.includes(p.row)));
    if (!now) { now = queue.shift() || null; shown = performance.now(); }
  } catch (e) { setTimeout(() => { if (mine === era) fill(); }, 2000); }
  if (mine === era) { filling = false; paint(); }
}
async function flush() {  // one at a time, oldest first
  if (sending || !out.length || !who) return;
  const mine = era, vote = out[0];
  sending = true;
  let r = null;
  try { r = await server.save({...who, ...vote}); } catch (e) { /* the network: tried again below */ }
  if (mine !== era) return;
  sending = false;
  if (!r) { say('Not saved yet (' + out.length + '). Trying again...', true); return setTimeout(() => { if (mine === era) flush(); }, 2000); }
  localStorage.removeItem(vote.key); out.shift();
  if (r.error) say('Refused: ' + r.error, true); else { done = r.done; total = r.total; say(''); }
  paint(); flush();
}
function clear() {
  $('textarea').value = '';
  for (const chip of element.querySelectorAll('[data-tag]')) chip.setAttribute('aria-pressed', 'false');
}
function reason() {
  const tags = [...element.querySelectorAll('[data-tag][aria-pressed=true]')].map(chip => chip.dataset.tag);
  return [tags.join(', '), $('textarea').value.trim()].filter(Boolean).join(': ');
}
function choose(choice) {
  const back = choice === 'undo', item = back ? past.pop() : now;
  if (!item || !who || !box) return;
  const nonce = [...crypto.getRandomValues(new Uint32Array(4))].join('-');  // randomUUID needs https
  const vote = {row: item.row, choice, reason: back ? '' : reason(), ms: Math.round(performance.now() - shown), nonce, key: box + Date.now() + '/' + nonce};
  out.push(vote);
  try { localStorage[vote.key] = JSON.stringify(vote); } catch (e) { /* a full storage: the vote still goes out */ }
  if (back) { if (now) queue.unshift(now); now = item; } else { past.push(now); now = queue.shift() || null; }
  clear();
  for (const pane of element.querySelectorAll('.pane')) pane.scrollTop = 0;
  shown = performance.now();
  paint(); flush();
  if (queue.length < 4) fill();
}
element.addEventListener('click', e => {
  const button = e.target.closest('[data-c]'), chip = e.target.closest('[data-tag]');
  if (button) { choose(button.dataset.c); button.blur(); }
  if (chip) { chip.setAttribute('aria-pressed', chip.getAttribute('aria-pressed') !== 'true'); chip.blur(); }
});
element.addEventListener('keydown', e => { if (e.key === 'Escape' && e.target.matches('textarea')) e.target.blur(); });
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.matches('input,textarea,select,[contenteditable=true]') || !who) return;
  if (KEYS[e.key]) { e.preventDefault(); choose(KEYS[e.key]); }
  else if (e.key === 'n') { e.preventDefault(); $('textarea').focus(); }
});
watch('value', reset);
reset();
