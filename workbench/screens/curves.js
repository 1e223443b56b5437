// Curves of one to eight runs that grow while somebody looks. The server says only what came since the mark of each run.
const root = element.querySelector('.curves');
const EVERY = 1500;  // milliseconds between two questions while a run goes on
const KINDS = {trained: 'ok', failed: 'error', lost: 'warning', stopped: 'warning', running: 'info', 'trained, with a warning': 'warning', 'not finished': 'warning'};
const CHARTS = [
  {id: 'loss', title: 'Loss', told: 'nats a token', kind: 'loss', log: true, height: 300, wide: true, one: true, lines: [{key: 'loss', kind: 'raw', peaks: true}, {key: 'smooth', kind: 'smooth'}, {key: 'eval_loss', kind: 'dots'}], none: 'No step has been taken yet.'},
  {id: 'training', title: 'Training loss', told: 'nats a token', kind: 'loss', log: true, height: 250, several: true, lines: [{key: 'loss', kind: 'raw', peaks: true}, {key: 'smooth', kind: 'smooth'}], none: 'No step has been taken yet.'},
  {id: 'validation', title: 'Validation loss', told: 'nats a token', kind: 'loss', log: true, height: 250, several: true, lines: [{key: 'eval_loss', kind: 'dots'}], none: 'No validation loss was measured.'},
  {id: 'gradient', title: 'Gradient norm', told: 'before it is clipped', kind: 'plain', log: true, height: 150, lines: [{key: 'grad_norm', peaks: true}]},
  {id: 'rate', title: 'Learning rate', told: '', kind: 'rate', height: 150, lines: [{key: 'lr'}]},
  {id: 'speed', title: 'Tokens a second', told: '', kind: 'plain', height: 150, lines: [{key: 'tokens_per_second', peaks: true}]},
  {id: 'memory', title: 'Memory', told: 'peak so far; dots: evaluating', kind: 'bytes', height: 150, lines: [{key: 'memory'}, {key: 'eval_memory', kind: 'dots'}]},
];
const own = Math.random().toString(36).slice(2, 8);
let choice = null, runs = [], drawn = [], timer = null, asking = false, at = null, stamp = 0;
function fill() {
  const value = props.value;
  clearTimeout(timer);
  root.replaceChildren();
  stamp++;
  if (!value || !value.runs.length) return;
  choice = {...value, id: own};
  runs = value.runs.map((id, place) => ({id, place, mark: '', cols: {}, marks: [], label: 'Run ' + id, live: true}));
  frame();
  ask();
}
function pick(parent, label, choices, now, then) {
  const box = put(parent, 'label', 'curve-pick', label + ' '), list = put(box, 'select');
  for (const [value, words] of choices) { const one = put(list, 'option', '', words); one.value = value; one.selected = value === now; }
  list.addEventListener('change', () => then(list.value));
}
function frame() {
  const bar = put(root, 'div', 'curve-bar');
  put(bar, 'ul', 'curve-legend');
  const ways = put(bar, 'div', 'curve-ways');
  pick(ways, 'Across', choice.axes, choice.x, value => { choice.x = value; kept(); draw(); });
  pick(ways, 'Loss scale', choice.scales, choice.scale, value => { choice.scale = value; kept(); draw(); });
  pick(ways, 'Smoothing', choice.smoothings.map(name => [name, name]), choice.smooth, value => { choice.smooth = value; kept(); again(); });
  put(root, 'div', 'facts');
  const grid = put(root, 'div', 'curve-grid');
  drawn = CHARTS.filter(chart => runs.length === 1 ? !chart.several : !chart.one).map(chart => {
    const box = put(grid, 'figure', 'curve' + (chart.wide ? ' wide' : '') + (chart.several ? ' half' : '')), head = put(box, 'figcaption');
    put(head, 'strong', '', chart.title);
    put(head, 'span', 'quiet', chart.told);
    const read = put(head, 'span', 'curve-read num');
    const picture = svg(box, 'svg', {class: 'chart live', role: 'img', tabindex: 0});
    picture.dataset.chart = chart.id;
    const one = {chart, picture, read, back: null};
    picture.addEventListener('pointermove', event => { const area = picture.getBoundingClientRect(); if (one.back) point(one.back.back((event.clientX - area.left) * picture.viewBox.baseVal.width / area.width)); });
    picture.addEventListener('pointerleave', () => point(null));
    picture.addEventListener('keydown', event => step(event, one));
    picture.addEventListener('blur', () => point(null));
    return one;
  });
  const note = put(root, 'p', 'legend', runs.length === 1
    ? 'Each step light, smoothed bold; validation dashed with dots (step 0: untuned). \u2605 kept, \u21bb resumed, \u00bd smaller batch, ticks at the foot: epochs. Point at a curve, or use the arrow keys in it, to read values.'
    : 'Smoothed training loss (each step light, up to three runs); the upright line is the step that was kept. Point at a curve, or use the arrow keys in it, to read values.');
  note.setAttribute('data-legend', '');
  const fold = put(root, 'details', 'curve-table');
  put(fold, 'summary', '', 'The values as a table');
  fold.addEventListener('toggle', () => { if (fold.open) values(fold); });
}
const kept = () => trigger('see', {x: choice.x, scale: choice.scale, smooth: choice.smooth});
function again() { for (const run of runs) run.mark = ''; ask(); }
async function ask() {
  clearTimeout(timer);
  if (!element.isConnected || asking) return;
  asking = true;
  const mine = stamp, smooth = choice.smooth;
  // an app that is being restarted gives nothing at all, or fails; the next question may find it again
  const got = await server.fresh({runs: runs.map(run => ({id: run.id, mark: run.mark})), smooth}).catch(() => null) || {};
  asking = false;
  if (mine !== stamp || smooth !== choice.smooth) return ask();
  if (got.runs) take(got.runs);
  if (runs.some(run => run.live)) timer = setTimeout(ask, document.hidden ? 4 * EVERY : EVERY);
}
function take(told) {
  let moved = false, over = false;
  told.forEach((one, place) => {
    const run = runs[place];
    if (run.live && !one.live && run.state) over = true;
    if (one.whole) run.cols = {};
    if (one.lines) { join(run, one.lines); moved = true; }
    if (one.marks) { run.marks = one.marks; moved = true; }
    Object.assign(run, {mark: one.mark, kept: one.kept, live: one.live, state: one.state, label: one.label, about: one.about, href: one.href, facts: one.facts, line: one.line});
    if ((run.cols.step || []).length > choice.most) run.mark = '';  // grown long by small pieces: fetched anew, thinned
  });
  heads();
  if (moved || !drawn[0].back) draw();
  if (over) trigger('ended', {});
}
function join(run, lines) {
  const had = (run.cols.step || []).length, more = lines.step.length, weight = choice.weights[choice.smooth];
  for (const name of new Set([...Object.keys(run.cols), ...Object.keys(lines)])) {
    const column = run.cols[name] = run.cols[name] || new Array(had).fill(null);
    for (let i = 0; i < more; i++) column.push(lines[name] ? lines[name][i] : null);
  }
  if (had === 0 || lines.smooth) return;
  const smooth = run.cols.smooth = run.cols.smooth || new Array(had + more).fill(null);
  let last = null;
  for (let i = had - 1; i >= 0 && last === null; i--) last = smooth[i];
  for (let i = had; i < had + more; i++) {
    const loss = run.cols.loss ? run.cols.loss[i] : null;
    if (loss !== null && loss !== undefined) last = last === null ? loss : (1 - weight) * last + weight * loss;
    smooth[i] = last;
  }
}
function heads() {
  const list = root.querySelector('.curve-legend');
  list.replaceChildren();
  for (const run of runs) {
    const line = put(list, 'li'), sample = svg(line, 'svg', {class: 'chart sample', viewBox: '0 0 34 12', width: 34, height: 12});
    svg(sample, 'path', {class: 'line smooth r' + run.place, d: 'M1 6H33', 'stroke-dasharray': runs.length === 1 ? '' : DASHES[run.place]});
    const name = put(line, 'a', '', run.label);
    name.href = run.href || '#';
    put(line, 'span', 'quiet', run.about);
    if (run.state) put(line, 'span', 'badge ' + (KINDS[run.state] || ''), run.state);
    if (runs.length > 1) {
      const away = put(line, 'button', 'link', '\u00d7');
      away.type = 'button';
      away.setAttribute('aria-label', 'Take ' + run.label + ' out of the picture');
      away.addEventListener('click', () => trigger('overlay', {runs: runs.filter(one => one !== run).map(one => one.id)}));
    }
  }
  const facts = root.querySelector('.facts');
  facts.replaceChildren();
  if (runs.length === 1) for (const [what, figure] of [...(runs[0].facts || []), ...lowest(runs[0])]) { const box = put(facts, 'div'); put(box, 'b', '', figure); put(box, 'span', '', what); }
}
function lowest(run) {
  let best = null;
  (run.cols.eval_loss || []).forEach((v, i) => { if (v !== null && v !== undefined && run.cols.step[i] > 0 && (best === null || v < best)) best = v; });
  const said = best === null ? [] : [['lowest validation loss', SAID.loss(best)]];
  return run.kept === null || run.kept === undefined ? said : [...said, ['step that was kept', run.kept.toLocaleString('en')]];
}
function draw() {
  for (const one of drawn) {
    const width = Math.max(300, Math.round(one.picture.parentNode.getBoundingClientRect().width) || 600);
    one.back = drawChart(one.picture, one.chart, runs.filter(run => run.cols.step), choice, width);
    one.picture.setAttribute('aria-label', described(one.chart));
  }
  if (at !== null) point(at);
}
function described(chart) {
  const parts = runs.map(run => {
    const last = chart.lines.map(line => [line.key, (run.cols[line.key] || []).filter(v => v !== null)]).filter(([, list]) => list.length);
    return run.label + ': ' + (last.map(([key, list]) => `${key.replace('_', ' ')} from ${SAID[chart.kind](list[0])} to ${SAID[chart.kind](list[list.length - 1])}`).join(', ') || 'nothing yet');
  });
  return `${chart.title}. ${parts.join('; ')}. Arrow keys read the values.`;
}
function point(value) {
  at = value;
  for (const one of drawn) {
    one.read.replaceChildren();
    if (!one.back) continue;
    const inside = value !== null && value >= 0 && value <= one.back.most * 1.02;
    one.back.cross.setAttribute('x1', inside ? one.back.toX(value) : -9);
    one.back.cross.setAttribute('x2', inside ? one.back.toX(value) : -9);
    if (inside) for (const run of runs) readout(one, run, value);
  }
}
function readout(one, run, value) {
  const xs = run.cols[choice.x];
  if (!xs || !xs.length) return;
  const place = placeOf(xs, value), said = [];
  for (const line of one.chart.lines) {
    const list = run.cols[line.key];
    if (!list) continue;
    let near = place;
    if (line.kind === 'dots') { let best = -1; list.forEach((v, i) => { if (v !== null && v !== undefined && (best < 0 || Math.abs(xs[i] - value) < Math.abs(xs[best] - value))) best = i; }); near = best; }
    if (near < 0 || list[near] === null || list[near] === undefined) continue;
    const word = {smooth: 'smoothed ', eval_loss: 'validation ', eval_memory: 'evaluating '}[line.key] || '';
    said.push(word + SAID[one.chart.kind](list[near]) + (line.kind === 'dots' ? ' (step ' + run.cols.step[near].toLocaleString('en') + ')' : ''));
  }
  const box = put(one.read, 'span', 'r' + run.place);
  put(box, 'b', '', runs.length > 1 ? run.label + ' ' : 'step ' + run.cols.step[place].toLocaleString('en') + ' ');
  put(box, 'span', '', (runs.length > 1 ? 'step ' + run.cols.step[place].toLocaleString('en') + ' ' : '') + said.join(' \u00b7 '));
}
function step(event, one) {
  const go = {ArrowLeft: -1, ArrowRight: 1, PageUp: 20, PageDown: -20}[event.key], xs = runs[0].cols[choice.x] || [];
  if (!xs.length || !(go || event.key === 'Home' || event.key === 'End')) return;
  event.preventDefault();
  const now = at === null ? 0 : placeOf(xs, at);
  const next = event.key === 'Home' ? 0 : event.key === 'End' ? xs.length - 1 : Math.max(0, Math.min(xs.length - 1, now + (at === null ? 0 : go)));
  one.read.setAttribute('role', 'status');
  point(xs[next]);
}
const ROWS = 20;
function values(fold) {
  fold.querySelectorAll('.scroll').forEach(old => old.remove());
  const table = put(put(fold, 'div', 'scroll'), 'table', 'list num'), head = put(put(table, 'thead'), 'tr'), body = put(table, 'tbody');
  for (const name of ['run', 'step', 'training loss', 'smoothed', 'validation loss', 'gradient norm', 'learning rate', 'tokens a second', 'memory']) put(head, 'th', '', name).scope = 'col';
  for (const run of runs) {
    const n = (run.cols.step || []).length, wanted = new Set();
    for (let i = 0; i < ROWS; i++) if (n) wanted.add(Math.round(i * (n - 1) / (ROWS - 1)));
    (run.cols.eval_loss || []).forEach((v, i) => { if (v !== null && v !== undefined && wanted.size < 3 * ROWS) wanted.add(i); });
    for (const i of [...wanted].sort((a, b) => a - b)) {
      const line = put(body, 'tr'), cell = (key, kind) => { const v = (run.cols[key] || [])[i]; put(line, 'td', '', v === null || v === undefined ? '\u2013' : SAID[kind](v)); };
      put(line, 'td', '', run.label);
      put(line, 'td', '', run.cols.step[i].toLocaleString('en'));
      for (const [key, kind] of [['loss', 'loss'], ['smooth', 'loss'], ['eval_loss', 'loss'], ['grad_norm', 'plain'], ['lr', 'rate'], ['tokens_per_second', 'plain'], ['memory', 'bytes']]) cell(key, kind);
    }
  }
}
new ResizeObserver(() => { if (choice && runs.some(run => run.cols.step)) draw(); }).observe(root);
watch('value', fill);
fill();
