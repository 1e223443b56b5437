// One check: examples, limit, fixes, knobs, page. Row texts only through textContent.
const root = element.querySelector('.panel');
let timer, asked = 0;
function button(parent, text, kind, act) {
  const node = put(parent, 'button', kind, text);
  node.type = 'button';
  node.addEventListener('click', () => act(node));
  return node;
}
const short = x => Number(x.toPrecision(4)).toLocaleString(undefined, {maximumFractionDigits: 6});
function fill() {
  const value = props.value;
  root.replaceChildren();
  root.className = 'panel' + (value ? ' card' : '');
  if (!value) return;
  const top = put(root, 'div', 'panel-top');
  put(top, 'h3', '', value.title);
  put(top, 'span', 'badge ' + value.severity, value.severity);
  if (value.stands) put(root, 'p', 'quiet', value.stands);
  if (value.examples.length) {
    const list = put(root, 'ul', 'examples');
    for (const one of value.examples) {
      const line = put(list, 'li'), link = put(line, 'a', 'num', 'Row ' + one.number);
      link.href = one.href;
      if (one.note) put(line, 'span', '', ' ' + one.note);
      put(line, 'div', 'quiet small', one.text);
    }
    const all = put(root, 'a', '', 'See all ' + value.flagged.toLocaleString() + (value.flagged === 1 ? ' row' : ' rows'));
    all.href = value.href;
  }
  if (value.flagged && value.newest) fixes(value);
  if (!value.newest) put(root, 'p', 'note', 'This is an older version, to read only.');
  if (value.limit) limit(value);
  if (value.knobs.length && !value.stands) knobs(value);
  const page = put(root, 'details', 'page');
  put(page, 'summary', '', 'About this check');
  put(page, 'div', 'words', value.page);
}
function fixes(value) {
  const box = put(root, 'div', 'fixes'), pick = put(box, 'select');
  pick.setAttribute('aria-label', 'Fix');
  for (const fix of value.fixes) { const option = put(pick, 'option', '', fix.title); option.value = fix.fix; }
  const said = what => ({fix: pick.value, check: value.check, version: value.version, what: what});
  button(box, 'Preview fix', 'small primary', () => { trigger('preview', said()); apply.hidden = false; });
  const apply = button(box, 'Apply: make a new version', 'small', node => { node.disabled = true; trigger('apply', said()); setTimeout(() => { node.disabled = false; }, 4000); });
  apply.hidden = true;
  pick.addEventListener('change', () => { apply.hidden = true; });
}
function limit(value) {
  const box = put(root, 'div', 'limit'), label = put(box, 'label', '', 'Limit: flag what is ' + value.side + ' ');
  const shown = put(label, 'strong', 'num', short(value.limit.value)), slide = put(box, 'input');
  slide.type = 'range';
  slide.min = value.limit.low; slide.max = value.limit.high; slide.step = value.limit.step; slide.value = value.limit.value;
  slide.setAttribute('aria-label', 'Limit');
  if (value.measure) put(box, 'div', 'quiet small', 'Measured: ' + value.measure);
  const foot = put(box, 'div', 'limit-foot'), said = put(foot, 'span', 'quiet', ''), use = button(foot, 'Use this limit', 'small', () => trigger('keep', {check: value.check, limit: Number(slide.value)}));
  said.setAttribute('role', 'status');
  use.hidden = true;
  slide.addEventListener('input', () => {
    shown.textContent = short(Number(slide.value));
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
