// Draws curves as SVG. A run: {x: {step: [...], ...}, cols: {loss: [...], ...}, marks: [...], place: 0 to 7}. Colours come
// from the style sheet by the class r0 to r7, and every run has its own dashes and its own shape of dot besides.
const NS = 'http://www.w3.org/2000/svg';
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '13 4', '1 3', '7 2 2 2 2 2'];
const LEFT = 52, RIGHT = 12, TOP = 8, FOOT = 22;
const CLIPPED = 0.99;  // of raw losses that the axis must hold; a single peak would flatten all the rest
function svg(parent, tag, attributes, text) {
  const node = document.createElementNS(NS, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}
function niceStep(span) {
  const rough = span / 4, power = 10 ** Math.floor(Math.log10(rough)), part = rough / power;
  return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}
const minus = text => text.replace('-', '\u2212');
const shortNumber = v => v === 0 ? '0' : Math.abs(v) >= 1e6 ? minus(+(v / 1e6).toPrecision(3) + ' M') : Math.abs(v) >= 1e4 ? minus(+(v / 1e3).toPrecision(3) + ' k') : Math.abs(v) < 1e-3 ? minus(v.toExponential(0)) : minus('' + +v.toPrecision(4));
const clock = s => s < 100 ? Math.round(s) + ' s' : s < 5400 ? +(s / 60).toPrecision(3) + ' min' : +(s / 3600).toPrecision(3) + ' h';
const SAID = {
  plain: v => Math.abs(v) >= 1000 ? Math.round(v).toLocaleString('en') : minus('' + +v.toPrecision(4)),
  loss: v => minus(v.toFixed(3)), rate: v => minus(v.toExponential(2)), bytes: v => (v / 1e9).toFixed(2) + ' GB', time: clock,
};
const axisSaid = {bytes: v => +(v / 1e9).toPrecision(3) + ' GB', time: clock};
const X_KIND = {step: 'plain', seconds: 'time', tokens: 'plain', epoch: 'plain'};
function ticksOf(low, high, log) {
  const found = [];
  if (log) {
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const lead of [1, 2, 5]) { const v = lead * 10 ** power; if (v >= low * 0.999 && v <= high * 1.001) found.push(v); }
    const wide = found.length > 7 ? found.filter(v => /^1(e|0*$|\.?$)/.test((v < 1 ? v.toExponential(0) : '' + v))) : found;
    return wide.length > 1 ? wide : found;
  }
  const step = niceStep(high - low);
  for (let v = Math.ceil(low / step) * step; v <= high + step / 1e6; v += step) found.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return found;
}
const TIMES = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400];
function timeTicks(most) {
  const step = TIMES.find(one => most / one <= 6) || 86400 * Math.ceil(most / 86400 / 6), found = [];
  for (let v = 0; v <= most; v += step) found.push(v);
  return found;
}
// Lowest and highest value of a chart over all runs, and the peak that the axis leaves out.
function rangeOf(chart, runs, log) {
  let low = Infinity, high = -Infinity, peak = null;
  for (const run of runs) for (const line of chart.lines) {
    const values = (run.cols[line.key] || []).filter(v => v !== null && isFinite(v) && (!log || v > 0));
    if (!values.length) continue;
    let top = Infinity;
    if (line.peaks && values.length > 50) top = [...values].sort((a, b) => a - b)[Math.floor(CLIPPED * (values.length - 1))] * 1.15;
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i]);
      if (values[i] <= top) high = Math.max(high, values[i]);
      else if (!peak || values[i] > peak.value) peak = {value: values[i], run};
    }
  }
  if (!isFinite(low)) return null;
  if (!log) low = Math.min(0, low);
  if (high <= low) high = low + (Math.abs(low) || 1);
  if (peak && peak.value <= high) peak = null;
  if (peak) { const at = peak.run.cols[chart.lines[0].key].indexOf(peak.value); peak.step = at < 0 ? null : peak.run.cols.step[at]; }
  return {low: log ? low / 1.05 : low, high: log ? high * 1.05 : high + (high - low) * 0.04, peak};
}
function pathOf(xs, ys, toX, toY, log) {
  let path = '', pen = 'M';
  for (let i = 0; i < ys.length; i++) {
    const v = ys[i];
    if (v === null || v === undefined || xs[i] === null || !isFinite(v) || (log && v <= 0)) { pen = log || v === null || v === undefined ? pen : 'M'; continue; }
    path += pen + toX(xs[i]).toFixed(1) + ' ' + toY(v).toFixed(1);
    pen = 'L';
  }
  return path;
}
// A smoothed curve of more points than pixels as the means of neighbours: its points stand where the raw one peaks.
function meansOf(xs, ys, width) {
  const size = Math.ceil(ys.length / width);
  if (size < 2) return [xs, ys];
  const across = [], up = [];
  for (let at = 0; at < ys.length; at += size) {
    const places = [];
    for (let i = at; i < Math.min(at + size, ys.length); i++) if (ys[i] !== null && ys[i] !== undefined) places.push(i);
    if (!places.length) continue;
    across.push(places.reduce((sum, i) => sum + xs[i], 0) / places.length);
    up.push(places.reduce((sum, i) => sum + ys[i], 0) / places.length);
  }
  return [across, up];
}
function dot(parent, place, x, y, said) {
  const size = 3.6, shape = place % 4, node = shape === 0 ? svg(parent, 'circle', {cx: x, cy: y, r: size})
    : shape === 1 ? svg(parent, 'rect', {x: x - size, y: y - size, width: 2 * size, height: 2 * size})
    : svg(parent, 'path', {d: shape === 2 ? `M${x - 4.2} ${y + 3.4}h8.4l-4.2 -7.6z` : `M${x} ${y - 4.6}l4.6 4.6l-4.6 4.6l-4.6 -4.6z`});
  node.setAttribute('class', 'dot r' + place + (place > 3 ? ' hollow' : ''));
  svg(node, 'title', {}, said);
}
const MARKS = {kept: '\u2605', resumed: '\u21bb', 'smaller batch': '\u00bd', nan: '\u2715', end: '\u25a0', epoch: ''};
function drawMarks(root, run, toX, xs, bottom, single) {
  const there = {};
  for (const one of run.marks) {
    if (!single && one.kind !== 'kept') continue;
    const at = placeOf(run.cols.step, one.step), x = toX(xs[at]);
    if (x === undefined || !isFinite(x)) continue;
    const group = svg(root, 'g', {class: 'mark ' + one.kind.replace(' ', '-') + ' r' + run.place});
    svg(group, 'line', {x1: x, x2: x, y1: one.kind === 'epoch' ? bottom - 7 : TOP, y2: bottom});
    if (single && MARKS[one.kind]) { there[one.step] = (there[one.step] || 0) + 1; svg(group, 'text', {x: x + 13 * there[one.step] - 9, y: TOP + 10}, MARKS[one.kind]); }
    svg(group, 'title', {}, one.words);
  }
}
// The place of the value nearest to `wanted` in a rising list.
function placeOf(list, wanted) {
  let low = 0, high = list.length - 1;
  while (low < high) { const middle = (low + high) >> 1; if (list[middle] < wanted) low = middle + 1; else high = middle; }
  return low > 0 && Math.abs(list[low - 1] - wanted) <= Math.abs(list[low] - wanted) ? low - 1 : low;
}
// Draws one chart anew inside `box` (an svg element) and gives how a pixel is read back, or null where there is nothing.
function drawChart(box, chart, runs, choice, width) {
  const height = chart.height, bottom = height - FOOT, log = choice.scale === 'log' && chart.log;
  box.replaceChildren();
  box.setAttribute('viewBox', `0 0 ${width} ${height}`);
  box.setAttribute('height', height);
  const range = rangeOf(chart, runs, log);
  let most = 0;
  for (const run of runs) for (const v of run.cols[choice.x] || []) if (v !== null && v > most) most = v;
  if (!range || !most) { svg(box, 'text', {x: width / 2, y: height / 2, 'text-anchor': 'middle', class: 'tick'}, chart.none || 'not measured'); return null; }
  const toX = v => LEFT + v / most * (width - LEFT - RIGHT);
  const scaled = log ? Math.log10 : v => v, from = scaled(range.low), to = scaled(range.high);
  const toY = v => bottom - (scaled(v) - from) / (to - from) * (bottom - TOP);
  for (const v of ticksOf(range.low, range.high, log)) {
    const y = toY(v);
    svg(box, 'line', {class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y, y2: y});
    svg(box, 'text', {class: 'tick', x: LEFT - 6, y: y + 4, 'text-anchor': 'end'}, (axisSaid[chart.kind] || shortNumber)(v));
  }
  const xTicks = X_KIND[choice.x] === 'time' ? timeTicks(most) : ticksOf(0, most, false);
  for (const v of xTicks) svg(box, 'text', {class: 'tick', x: toX(v), y: bottom + 15, 'text-anchor': v === 0 ? 'start' : toX(v) > width - 40 ? 'end' : 'middle'}, (axisSaid[X_KIND[choice.x]] || shortNumber)(v));
  const clip = 'clip-' + chart.id + '-' + choice.id;
  svg(svg(box, 'clipPath', {id: clip}), 'rect', {x: LEFT - 5, y: TOP - 4, width: width - LEFT - RIGHT + 10, height: bottom - TOP + 5});
  const inside = svg(box, 'g', {'clip-path': `url(#${clip})`}), single = runs.length === 1;
  if (chart.kind === 'loss') for (const run of runs) drawMarks(inside, run, toX, run.cols[choice.x] || [], bottom, single);
  for (const run of runs) for (const line of chart.lines) {
    const values = run.cols[line.key], xs = run.cols[choice.x];
    if (!values || !xs || (line.kind === 'raw' && !single && runs.length > 3)) continue;
    const dashes = line.kind === 'raw' ? '' : single ? (line.kind === 'dots' ? '5 4' : '') : DASHES[run.place];
    svg(inside, 'path', {class: `line ${line.kind || ''} r${run.place}${single && line.kind === 'dots' ? ' second' : ''}`, d: line.kind === 'smooth' ? pathOf(...meansOf(xs, values, width), toX, toY, log) : pathOf(xs, values, toX, toY, log), 'stroke-dasharray': dashes});
    if (line.kind === 'dots') values.forEach((v, i) => { if (v !== null && v !== undefined && (!log || v > 0)) dot(inside, single ? 1 : run.place, +toX(xs[i]).toFixed(1), +toY(v).toFixed(1), `${run.label}, step ${run.cols.step[i].toLocaleString('en')}: ${SAID[chart.kind](v)}`); });
  }
  if (range.peak) svg(box, 'text', {class: 'tick', x: width - RIGHT, y: TOP + 4, 'text-anchor': 'end'}, `\u2191 peak ${SAID[chart.kind](range.peak.value)}${range.peak.step === null ? '' : ' at step ' + range.peak.step.toLocaleString('en')}`);
  const cross = svg(box, 'line', {class: 'cross', x1: -9, x2: -9, y1: TOP, y2: bottom});
  return {toX, back: pixel => (pixel - LEFT) / (width - LEFT - RIGHT) * most, cross, most};
}
