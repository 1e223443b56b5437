const root = element.querySelector('.board');
function fill() {
  const value = props.value;
  root.replaceChildren();
  if (!value) return;
  if (value.said) return put(root, 'div', 'empty', value.said);
  let quiet = null;
  for (const line of value.lines) {
    if (!line.flagged && !quiet) {
      quiet = put(root, 'details', 'clear');
      const rest = value.lines.filter(one => !one.flagged);
      const failed = rest.filter(one => one.stands).length;
      put(quiet, 'summary', 'quiet', (rest.length - failed) + (rest.length - failed === 1 ? ' check' : ' checks') + ' without findings' + (failed ? ', ' + failed + ' did not run' : ''));
      quiet.open = rest.some(one => one.check === value.current) || failed > 0;
    }
    const row = put(quiet || root, 'div', 'check' + (line.check === value.current ? ' current' : ''));
    row.dataset.check = line.check;
    row.tabIndex = 0;
    row.setAttribute('role', 'button');
    put(row, 'span', 'badge ' + line.severity, line.severity);
    const middle = put(row, 'span', 'check-title');
    put(middle, 'span', '', line.title);
    if (line.stands) put(middle, 'span', 'quiet small', line.stands);
    const count = put(row, 'span', 'num check-count');
    if (!line.stands) {
      put(count, 'strong', '', line.flagged.toLocaleString());
      put(count, 'span', 'quiet', ' of ' + value.total.toLocaleString());
    }
    const link = put(row, 'a', 'check-rows', line.flagged ? 'See rows' : '');
    link.href = line.href;
  }
}
function open(row) {
  for (const one of root.querySelectorAll('.check')) one.classList.toggle('current', one === row);
  trigger('open', {check: row.dataset.check});
}
element.addEventListener('click', e => {
  const row = e.target.closest('.check');
  if (row && !e.target.closest('a')) open(row);
});
element.addEventListener('keydown', e => {
  const all = [...root.querySelectorAll('.check')], row = e.target.closest('.check');
  const step = {j: 1, ArrowDown: 1, k: -1, ArrowUp: -1}[e.key];
  if (!row || e.ctrlKey || e.metaKey || e.altKey) return;
  if (step) { e.preventDefault(); const next = all[all.indexOf(row) + step]; if (next) { next.focus(); open(next); } }
  else if (e.key === 'Enter' && !e.target.closest('a')) { e.preventDefault(); open(row); }
});
watch('value', fill);
fill();
