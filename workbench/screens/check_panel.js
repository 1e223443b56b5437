// One check: what it is, how sure, examples with the place marked, the ways out, then limit, knobs and page.
let timer, asked = 0;
const number = x => Number(x.toPrecision(4)).toLocaleString(undefined, {maximumFractionDigits: 6});
function fill() {
  const value = props.value;
  steps = null;
  root.replaceChildren();
  root.className = 'panel' + (value ? ' card' : '');
  if (!value) return;
  const top = put(root, 'div', 'panel-top');
  put(top, 'h3', '', value.title);
  put(top, 'span', 'badge ' + value.severity, value.severity === 'info' ? 'hint' : value.severity);
  if (value.stands) put(root, 'p', 'note', value.stands);
  if (value.stands && value.newest) button(root, 'Measure it now', 'small', node => { node.disabled = true; setTimeout(() => { node.disabled = false; }, 4000); trigger('measure', {check: value.check, knobs: {}}); });
  if (value.stands.startsWith('could not run') && value.newest) { put(root, 'span', '', ' '); link(root, 'Say what the dataset should be', value.sheet); }
  put(root, 'p', 'what', value.what);
  if (!value.stands) put(root, 'p', 'quiet small', [many(value.flagged, 'row') + ' of ' + count(value.total), value.ruled ? count(value.ruled) + ' ruled out' : '', value.surely].filter(Boolean).join(' · '));
  if (value.examples.length) examples(value);
  if (!value.newest) put(root, 'p', 'note', 'This is an older version, to read only.');
  else if (value.flagged) ways(value);
  if (value.rulings.length) rulings(value);
  if (value.limit) limit(value);
  if (value.knobs.length && !value.stands) knobs(value);
  const page = put(root, 'details', 'page');
  put(page, 'summary', '', 'About this check');
  put(page, 'div', 'words', value.page || value.what);
}
function examples(value) {
  const list = put(root, 'ul', 'examples');
  for (const one of value.examples) {
    const line = put(list, 'li'), link = put(line, 'a', 'num', 'Row ' + count(one.number));
    link.href = one.href;
    if (one.note) put(line, 'span', '', ' ' + one.note);
    const text = put(line, 'div', 'quiet small');
    put(text, 'span', '', one.text[1] ? visible(one.text[0]) : one.text[0]);
    if (one.text[1]) put(text, 'mark', value.severity, one.text[1]);
    put(text, 'span', '', one.text[2] ? visible(one.text[2]) : '');
  }
}
function rulings(value) {
  const box = put(root, 'details');
  put(box, 'summary', 'quiet', many(value.rulings.length, 'ruling') + ' that it is no problem');
  const list = put(box, 'ul');
  for (const one of value.rulings) {
    const line = put(list, 'li');
    put(line, 'span', '', one.reason);
    put(line, 'span', 'quiet small', ' · ' + one.who + ', ' + one.when + ' ');
    if (value.newest) button(line, 'Take back', 'link', node => { node.disabled = true; trigger('unrule', {id: one.id, version: value.version}); });
  }
}
function limit(value) {
  const box = put(put(root, 'details', 'limit'), 'div');
  const summary = document.createElement('summary');
  summary.textContent = 'Limit: flag what is ' + value.side + ' ' + number(value.limit.value);
  box.parentNode.prepend(summary);
  const label = put(box, 'label', '', 'Flag what is ' + value.side + ' '), shown = put(label, 'strong', 'num', number(value.limit.value)), slide = put(box, 'input');
  slide.type = 'range';
  slide.min = value.limit.low; slide.max = value.limit.high; slide.step = value.limit.step; slide.value = value.limit.value;
  slide.setAttribute('aria-label', 'Limit');
  if (value.measure) put(box, 'div', 'quiet small', 'Measured: ' + value.measure);
  const foot = put(box, 'div', 'limit-foot'), said = put(foot, 'span', 'quiet', ''), use = button(foot, 'Use this limit', 'small', () => trigger('keep', {check: value.check, limit: Number(slide.value)}));
  said.setAttribute('role', 'status');
  use.hidden = true;
  slide.addEventListener('input', () => {
    shown.textContent = number(Number(slide.value));
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked, answer = await server.would({version: value.version, check: value.check, limit: Number(slide.value)}).catch(() => null);
      if (mine !== asked || !answer) return;
      said.textContent = answer.error || answer.said;
      use.hidden = !!answer.error;
    }, 80);
  });
}
function knobs(value) {
  const box = put(root, 'details', 'knobs');
  put(box, 'summary', '', 'Settings of this check');
  const grid = put(box, 'div', 'knob-grid');
  for (const knob of value.knobs) {
    const label = put(grid, 'label', '', knob.name.replaceAll('_', ' ')), input = put(label, 'input');
    input.type = typeof knob.default === 'number' ? 'number' : 'text';
    input.step = 'any';
    input.value = knob.value;
    input.dataset.knob = knob.name;
  }
  button(box, 'Measure again', 'small', node => {
    node.disabled = true;
    setTimeout(() => { node.disabled = false; }, 4000);
    const given = {};
    for (const input of box.querySelectorAll('[data-knob]')) given[input.dataset.knob] = input.value;
    trigger('measure', {check: value.check, knobs: given});
  });
}
watch('value', fill);
fill();
