// One rater's desk, in the app and in an offline pack. A vote is kept in the browser until the host has it, so a lost
// network loses nothing. Answers are untrusted: they come in through textContent only. Nothing here names an arm.
// host: next(have), save(vote), back(), guesses() -> promises of plain values; box: where unsent votes are kept;
// tags: letter -> reason; grades: questions; guide: text; thanks: words at the end.
function ratingDesk(root, host) {
  const $ = s => root.querySelector(s), all = s => [...root.querySelectorAll(s)];
  const KEYS = {1: 'a', 2: 'b', 3: 'tie', 4: 'bad', s: 'skip', u: 'undo'}, LOW = 3, RETRY = 2000, HELD = 20000;
  const GUESS = 'Last question: which of these two answers, do you think, is from the model that was trained on your data?';
  let queue = [], now = null, past = [], out = [], done = 0, total = 0, shown = 0, over = '', sending = false, filling = false;
  let mode = 'rate', tagging = false, open = false, seen = false, cell = 0, given = {a: {}, b: {}}, last = null, live = true, kept = true, saves = 0;
  const cells = host.grades.flatMap(question => ['a', 'b'].map(side => [question, side]));
  const say = (text, bad) => { $('.save').textContent = text; $('.save').classList.toggle('bad', !!bad); };
  const make = (tag, text, more) => Object.assign(document.createElement(tag), {textContent: text}, more || {});

  for (const [letter, reason] of Object.entries(host.tags)) {
    const chip = make('button', '', {type: 'button'});
    chip.dataset.tag = reason; chip.setAttribute('aria-pressed', 'false');
    chip.append(make('kbd', letter), ' ' + reason);
    $('.chips').append(chip);
  }
  $('.guide').textContent = host.guide; $('[data-do=guide]').hidden = !host.guide;
  $('.grades thead').append(make('tr', ''));
  $('.grades thead tr').append(make('th', ''), make('th', 'A'), make('th', 'B'));
  for (const question of host.grades) {
    const line = make('tr', ''); line.append(make('th', question));
    for (const side of ['a', 'b']) { const td = make('td', ''); td.dataset.cell = cells.findIndex(c => c[0] === question && c[1] === side); line.append(td); }
    $('.grades tbody').append(line);
  }

  function paint() {
    if (!live) return;
    const guessing = mode === 'guess', ended = !now && !queue.length && !filling && (over || mode === 'done');
    $('.rate').hidden = false;
    const unsent = out.reduce((n, v) => n + (v.again || v.guess ? 0 : v.choice === 'undo' ? -1 : 1), 0);
    const n = Math.max(0, Math.min(total, done + unsent));
    $('.count').textContent = guessing ? (queue.length + (now ? 1 : 0)) + ' to go' : n + ' of ' + total;
    $('.done i').style.width = (total ? 100 * n / total : 0) + '%';
    $('.cards').hidden = !now; $('.thanks').hidden = !ended; $('.choices').hidden = !!ended && mode === 'done';
    $('.why').hidden = guessing || mode === 'grade' || !now; $('.grades').hidden = mode !== 'grade';
    $('.golden').hidden = guessing; $('.ask').hidden = !guessing; $('.ask').textContent = guessing ? GUESS : '';
    $('[data-do=finish]').hidden = mode !== 'rate' || !past.length && !done;
    for (const f of ['prompt', 'a', 'b']) $('[data-f=' + f + ']').textContent = now ? now[f] || (f === 'prompt' ? '' : '(an empty answer)') : '';
    $('[data-f=reference]').textContent = now && open ? now.reference : ''; $('[data-f=reference]').hidden = !open;
    $('[data-do=reference]').setAttribute('aria-expanded', open);
    $('.why').classList.toggle('tagging', tagging);
    const words = guessing ? {a: 'A', b: 'B', tie: 'No idea'} : {a: 'A is better', b: 'B is better', tie: 'Equally good', bad: 'Both bad'};
    for (const b of all('.choices [data-c]')) {
      const c = b.dataset.c, span = b.querySelector('span');
      if (span) span.textContent = words[c] || '';
      b.hidden = guessing && !words[c]; b.disabled = c === 'undo' ? !(past.length || done) : !now || mode === 'grade';
    }
    for (const td of all('.grades td')) { const [q, s] = cells[td.dataset.cell]; td.textContent = given[s][q] || '\u00b7'; td.classList.toggle('here', +td.dataset.cell === cell); }
    if (ended) {
      const held = over === 'held' && mode !== 'done';
      $('.thanks strong').textContent = held ? 'Others hold the last pairs just now.' : 'Thank you, that was the last pair.';
      $('.thanks p').textContent = held ? 'They come to you should they be left: this page asks again by itself.' : host.thanks;
    }
    if (!$('.save.bad')) say(out.length ? 'Saving ' + out.length + '...' : done || past.length ? kept ? 'All votes saved' : 'Kept until this page is closed' : '');
    if (host.painted) host.painted({mode, ended: !!ended});
  }
  function front(card) { now = card; open = seen = false; tagging = false; given = {a: {}, b: {}}; cell = 0; shown = performance.now(); clear(); for (const pane of all('.pane')) pane.scrollTop = 0; }
  async function fill() {
    if (filling || !live || mode === 'guess' || mode === 'done') return;
    filling = true;
    try {
      const before = saves, busy = sending;
      const r = await host.next([now, ...queue, ...out].filter(Boolean).map(c => c.key));
      if (!live) return;
      if (r.error) { filling = false; say(r.error, true); return paint(); }
      if (!busy && before === saves && !sending) done = r.done;  // else the answer to a vote, which knows more, sets it
      total = r.total; over = r.over;
      const known = [now, ...queue, ...out].filter(Boolean).map(c => c.key);
      queue.push(...r.cards.filter(c => !known.includes(c.key)));
      if (!now && queue.length) front(queue.shift());
    } catch (e) { setTimeout(() => { filling = false; fill(); }, RETRY); return paint(); }
    filling = false;
    if (!now && mode === 'rate' && over && over !== 'held' && !out.length) await end();
    if (!now && over === 'held') setTimeout(fill, HELD);
    if (!now && !over && !out.length && mode === 'rate') setTimeout(fill, 50);  // the last vote came in while this was asked
    paint();
  }
  async function end() {  // the guesses, once; then thanks
    const r = await host.guesses().catch(() => null);
    if (!live) return;
    const cards = r && r.cards || [];
    queue = cards; mode = cards.length ? 'guess' : 'done'; over = over || 'rated';
    if (cards.length) front(queue.shift()); else now = null;
    paint();
  }
  async function flush() {  // one at a time, oldest first
    if (sending || !out.length || !live) return;
    const vote = out[0]; sending = true;
    let r = null;
    try { const {box, again, guess, ...plain} = vote; r = await host.save(plain); } catch (e) { /* the network: tried again below */ }
    if (!live) return;
    sending = false; saves += 1;
    if (!r) { say('Not saved yet (' + out.length + '). Trying again...', true); return setTimeout(flush, RETRY); }
    try { localStorage.removeItem(vote.box); } catch (e) { /* nothing is kept there */ }
    out.shift();
    if (r.error) say('Refused: ' + r.error, true); else { done = r.done; total = r.total; say(''); if (r.kept === false) kept = false; }
    if (!out.length && !now && mode === 'rate') fill();
    paint(); flush();
  }
  function clear() { $('textarea').value = ''; for (const chip of all('[data-tag]')) chip.setAttribute('aria-pressed', 'false'); }
  function send(card, choice, more) {
    const nonce = [...crypto.getRandomValues(new Uint32Array(4))].join('-');  // randomUUID needs https
    const vote = {key: card.key, choice, nonce, at: new Date().toISOString(), ...more};
    vote.box = host.box + Date.now() + '/' + nonce;
    out.push(vote);
    if (!host.local) try { localStorage[vote.box] = JSON.stringify(vote); } catch (e) { /* a full storage: the vote still goes out */ }
    flush();
  }
  function next() { past.push(now); front(queue.shift() || null); mode = mode === 'grade' ? 'rate' : mode; if (mode === 'guess' && !now) mode = 'done'; paint(); if (queue.length < LOW) fill(); }
  function choose(choice) {
    if (choice === 'undo') return undo();
    if (!now || mode === 'grade') return;
    if (mode === 'guess' && !['a', 'b', 'tie'].includes(choice)) return;
    const tags = all('[data-tag][aria-pressed=true]').map(chip => chip.dataset.tag);
    last = {tags, note: $('textarea').value.trim(), ms: Math.round(performance.now() - shown), opened: seen};
    if (mode === 'guess') { send(now, choice, {ms: last.ms, guess: true}); return next(); }
    send(now, choice, last);
    if (cells.length && choice !== 'skip') { last.choice = choice; mode = 'grade'; return paint(); }
    next();
  }
  function grade(n) {
    const [question, side] = cells[cell];
    given[side][question] = n; cell += 1;
    if (cell >= cells.length) graded(); else paint();
  }
  function graded() {
    const {choice, ...more} = last;
    if (Object.keys(given.a).length + Object.keys(given.b).length) send(now, choice, {...more, grades: given, again: true});
    next();
  }
  async function undo() {
    if (mode === 'grade') { if (cell) { cell -= 1; delete given[cells[cell][1]][cells[cell][0]]; return paint(); } mode = 'rate'; send(now, 'undo', {ms: 0}); return paint(); }
    if (mode === 'guess' || mode === 'done') return;
    let card = past.pop();
    if (!card && !out.length) { const r = await host.back().catch(() => null); card = r && r.card; }
    if (!card) return;
    send(card, 'undo', {ms: 0});
    if (now) queue.unshift(now);
    front(card); paint();
  }
  const acts = {
    reference() { if (now && mode === 'rate') { open = !open; seen = seen || open; paint(); } },
    guide() { $('.guide').hidden = !$('.guide').hidden; },
    finish() { if (mode === 'rate') { if (now) queue = []; now = null; over = 'rated'; end(); } },
  };
  root.addEventListener('click', e => {
    if (!live) return;  // another round or rater has this place now
    const c = e.target.closest('[data-c]'), chip = e.target.closest('[data-tag]'), act = e.target.closest('[data-do]'), td = e.target.closest('td[data-cell]');
    if (c) { choose(c.dataset.c); c.blur(); }
    if (chip) { toggle(chip); chip.blur(); }
    if (act) { acts[act.dataset.do](); act.blur(); }
    if (td && mode === 'grade') { cell = +td.dataset.cell; paint(); }
  });
  const toggle = chip => chip.setAttribute('aria-pressed', chip.getAttribute('aria-pressed') !== 'true');
  root.addEventListener('keydown', e => { if (e.key === 'Escape' && e.target.matches('textarea')) e.target.blur(); });
  const panes = all('.pane');
  for (const pane of panes) pane.addEventListener('scroll', () => {  // the two answers scroll together
    const other = panes[pane === panes[0] ? 1 : 0], room = pane.scrollHeight - pane.clientHeight;
    if (!pane.matches(':hover, :focus') || room < 1) return;
    other.scrollTop = pane.scrollTop / room * (other.scrollHeight - other.clientHeight);
  });
  document.addEventListener('keydown', function onkey(e) {
    if (!live || !document.body.contains(root)) return document.removeEventListener('keydown', onkey);
    if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.matches('input,textarea,select,[contenteditable=true]')) return;
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key, stop = () => e.preventDefault();
    if (tagging) { tagging = false; const chip = host.tags[key] && all('[data-tag]').find(one => one.dataset.tag === host.tags[key]); if (chip) { stop(); toggle(chip); } else if (key !== 'Escape' && key !== 't') say('No reason has the letter ' + key); return paint(); }
    if (mode === 'grade') {
      if ('12345'.includes(key)) { stop(); grade(+key); } else if (key === 'Enter' || key === 's') { stop(); graded(); } else if (key === 'u' || key === 'Backspace') { stop(); undo(); }
      return;
    }
    if (KEYS[key]) { stop(); choose(KEYS[key]); }
    else if (key === 'ArrowLeft' || key === 'ArrowRight') { if (!e.target.matches('.pane')) { stop(); choose(key === 'ArrowLeft' ? 'a' : 'b'); } }
    else if (key === 'n' && now) { stop(); $('textarea').focus(); }
    else if (key === 't' && now && mode === 'rate') { stop(); tagging = true; paint(); }
    else if (key === 'r') { stop(); acts.reference(); }
    else if (key === 'f') { stop(); acts.finish(); }
  });
  if (!host.local) try {
    out = Object.keys(localStorage).filter(k => k.startsWith(host.box)).sort().map(k => JSON.parse(localStorage[k]));
  } catch (e) { /* nothing is kept there */ }
  paint(); flush(); fill();
  return {stop() { live = false; }};
}
