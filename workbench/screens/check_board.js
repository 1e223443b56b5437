// What is wrong, how much, how sure, what to do: findings by their worth, hints apart, the quiet checks folded away.
const root = element.querySelector('.board'), ORDER = 'goldloop/board-order';
let byFamily = false;
try { byFamily = localStorage[ORDER] === 'family'; } catch (e) { /* a browser that keeps nothing */ }
function fill() {
  const value = props.value;
  root.replaceChildren();
  if (!value) return;
  if (value.said) return put(root, 'div', 'empty', value.said);
  const found = value.lines.filter(line => line.flagged && line.severity !== 'info'), hints = value.lines.filter(line => line.flagged && line.severity === 'info');
  const failed = value.lines.filter(line => line.stands.startsWith('could not run')), clean = value.lines.filter(line => !line.flagged && !failed.includes(line));
  const about = value.about;
  const most = Math.max(1, ...value.lines.map(line => line.worth));
  if (value.old) put(root, 'p', 'note', value.old + ' Run the checks to bring it up to date.');
  const head = put(root, 'div', 'board-head');
  put(head, 'h3', '', found.length ? 'Findings' : 'No findings');
  if (found.length > 1) {
    const pick = put(head, 'span', 'board-order quiet small', 'in order of ');
    for (const [words, family] of [['worth', false], ['family', true]]) {
      const node = button(pick, words, 'link', () => { byFamily = family; try { localStorage[ORDER] = family ? 'family' : 'worth'; } catch (e) { /* as above */ } fill(); });
      node.setAttribute('aria-pressed', byFamily === family);
    }
  }
  if (found.length) grouped(root, found, value, most);
  else put(root, 'p', 'quiet', hints.length ? 'Nothing is clearly wrong. The hints below are worth a look.' : 'All clear: no check flags a row.');
  if (about.length) {
    put(root, 'h3', '', 'About the dataset as a whole');
    const list = put(root, 'ul', 'about');
    for (const [title, words] of about) { const line = put(list, 'li'); put(line, 'strong', '', title + ': '); put(line, 'span', '', words); }
  }
  if (hints.length) folded('Hints: worth a look, often fine', hints, value, most, !found.length || hints.some(one => one.check === value.current));
  if (failed.length) folded(many(failed.length, 'check') + ' that could not run', failed, value, most, failed.some(one => one.check === value.current));
  if (clean.length) folded(many(clean.length, 'check') + ' without findings', clean, value, most, clean.some(one => one.check === value.current));
}
function folded(words, lines, value, most, open) {
  const box = put(root, 'details', 'clear');
  const summary = put(box, 'summary', '');
  put(summary, 'span', '', words);
  const rows = lines.reduce((n, line) => n + line.flagged, 0);
  if (rows) put(summary, 'span', 'quiet num', ' · ' + many(lines.length, 'check'));
  box.open = open;
  grouped(box, lines, value, most);
}
function grouped(parent, lines, value, most) {
  if (!byFamily) return lines.forEach(line => row(parent, line, value, most));
  const families = [...new Set(lines.map(line => line.family))];
  const sum = family => lines.filter(line => line.family === family).reduce((n, line) => n + line.worth, 0);
  for (const family of families.sort((a, b) => sum(b) - sum(a))) {
    put(parent, 'div', 'family quiet small', family);
    lines.filter(line => line.family === family).forEach(line => row(parent, line, value, most));
  }
}
const percent = share => share >= 0.1 ? Math.round(100 * share) + ' %' : share >= 0.001 ? (100 * share).toFixed(1) + ' %' : '';
function row(parent, line, value, most) {
  const node = put(parent, 'div', 'check' + (line.check === value.current ? ' current' : ''));
  node.dataset.check = line.check;
  node.tabIndex = 0;
  node.setAttribute('role', 'button');
  put(node, 'span', 'badge ' + line.severity, line.severity === 'info' ? 'hint' : line.severity);
  const middle = put(node, 'span', 'check-title');
  put(middle, 'span', '', line.title);
  put(middle, 'span', 'quiet small', line.stands || (line.flagged ? [line.family, line.sure, line.todo].filter(Boolean).join(' · ') : line.family + (line.ruled ? ' · ' + many(line.ruled, 'row') + ' ruled out' : '')));
  const many_ = put(node, 'span', 'num check-count');
  if (line.stands) return;
  put(many_, 'strong', '', count(line.flagged));
  if (line.flagged) {
    put(many_, 'span', 'quiet', ' ' + percent(line.share));
    const bar = put(many_, 'i', 'worth');
    bar.style.setProperty('--worth', Math.max(2, 100 * Math.sqrt(line.worth / most)) + '%');
    bar.title = 'How much mending it is worth: gravity, sureness and rows together';
    const link = put(node, 'a', 'check-rows', 'See rows');
    link.href = line.href;
  }
}
function open(node) {
  for (const one of root.querySelectorAll('.check')) one.classList.toggle('current', one === node);
  goldloop.row = node.dataset.check;
  trigger('open', {check: node.dataset.check});
}
element.addEventListener('click', e => {
  const node = e.target.closest('.check');
  if (node && !e.target.closest('a')) open(node);
});
element.addEventListener('keydown', e => {
  const all = [...root.querySelectorAll('.check')].filter(one => one.offsetParent), node = e.target.closest('.check');
  const step = {j: 1, ArrowDown: 1, k: -1, ArrowUp: -1}[e.key];
  if (!node || e.ctrlKey || e.metaKey || e.altKey) return;
  if (step) { e.preventDefault(); const next = all[all.indexOf(node) + step]; if (next) { next.focus(); open(next); } }
  else if (e.key === 'Enter' && !e.target.closest('a')) { e.preventDefault(); open(node); }
});
watch('value', fill);
fill();
