// The ways out of a finding: fix all that match, go through them, edit, hand to an expert, or say that it is fine.
function ways(value) {
  const box = put(root, 'div', 'fixes'), safe = value.fixes.filter(fix => fix.safe), unsafe = value.fixes.filter(fix => !fix.safe);
  put(box, 'h4', '', 'What to do');
  safe.forEach((fix, i) => inBulk(box, value, fix, i === 0));
  unsafe.forEach((fix, i) => oneByOne(box, value, fix, !safe.length && i === 0 && fix.proposed));
  const line = put(box, 'div', 'way-line');
  link(line, 'Read and edit them', value.href);
  link(line, 'Give them to an expert', value.queue);
  button(line, 'Not a problem', 'small', node => notAProblem(box, value, node)).dataset.act = 'no-problem';
}
function link(parent, words, href) {
  const node = put(parent, 'a', 'small button', words);
  node.href = href;
}
function inBulk(box, value, fix, first) {
  const line = put(box, 'div', 'way-line'), said = what => ({fix: fix.fix, check: value.check, version: value.version, what: what});
  put(line, 'span', 'way-title', fix.title);
  const look = button(line, 'Preview fix', 'small' + (first ? ' primary' : ''), () => { trigger('preview', said('preview')); look.hidden = true; apply.hidden = false; });
  const apply = button(line, 'Apply: make a new version', 'small primary', node => { node.disabled = true; trigger('apply', said('apply')); setTimeout(() => { node.disabled = false; }, 4000); });
  apply.title = 'Acts on all ' + many(value.flagged, 'row') + ' that match';
  apply.hidden = true;
  put(line, 'span', 'quiet small', 'all ' + many(value.flagged, 'row'));
}
function oneByOne(box, value, fix, first) {
  const line = put(box, 'div', 'way-line');
  put(line, 'span', 'way-title', fix.title);
  button(line, 'Go through them', 'small' + (first ? ' primary' : ''), () => begin(value, fix)).dataset.steps = fix.fix;
  put(line, 'span', 'quiet small', 'you accept each');
}
function notAProblem(box, value, node) {
  const open = box.querySelector('form');
  if (open) return open.remove();
  const form = put(box, 'form', 'edit-foot edit'), why = put(form, 'input');
  why.placeholder = 'Why are these ' + many(value.flagged, 'row') + ' no problem?';
  why.setAttribute('aria-label', 'Why it is no problem');
  why.required = true;
  why.maxLength = 500;
  const go = put(form, 'button', 'small primary', 'Do not raise it again');
  form.addEventListener('submit', e => { e.preventDefault(); go.disabled = true; trigger('rule', {check: value.check, version: value.version, reason: why.value}); setTimeout(() => { go.disabled = false; }, 3000); });
  why.focus();
}
