// The table of runs: sort in the browser, filters and columns in the URL, tick some to overlay or two to compare.
const root = element.querySelector('.runs-table');
let shown = null, order = null, ticked = new Set(), open = false;
function fill() {
  const fresh = props.value;
  if (!fresh) return;
  if (!shown || shown.order !== fresh.order) order = fresh.order || null;
  shown = fresh;
  ticked = new Set((shown.ticked || []).concat([...ticked]).filter(id => shown.lines.some(line => line.id === id)));
  paint();
}
function see(change) { trigger('see', change); }
function choices(parent, label, name, list, words) {
  if (list.length < 2) return;
  const box = put(parent, 'label', '', label + ' '), pick = put(box, 'select');
  put(pick, 'option', '', 'all').value = '';
  for (const value of list) { const one = put(pick, 'option', '', words ? words + value : value); one.value = value; one.selected = String(value) === String(shown.filters[name] || ''); }
  pick.addEventListener('change', () => see({[name]: pick.value}));
}
function button(parent, text, kind, act) {
  const node = put(parent, 'button', kind, text);
  node.type = 'button';
  node.addEventListener('click', () => act(node));
  return node;
}
function paint() {
  root.replaceChildren();
  if (!shown.lines.length && !shown.filtered) { const box = put(root, 'div', 'empty'); put(box, 'p', '', 'No run yet.'); const way = put(box, 'a', 'go', 'Train a model'); way.href = shown.train; return; }
  const bar = put(root, 'div', 'runs-bar');
  choices(bar, 'Dataset', 'in', shown.datasets);
  choices(bar, 'Base model', 'model', shown.models);
  choices(bar, 'Study', 'study', shown.studies, 'study ');
  const price = put(put(bar, 'label', '', 'Price an hour '), 'input');
  Object.assign(price, {type: 'number', min: 0, step: 0.01, value: shown.filters.price || '', placeholder: 'none'});
  price.addEventListener('change', () => see({price: price.value}));
  put(bar, 'span', 'grow');
  const overlay = button(bar, 'Overlay the curves', 'small', () => trigger('overlay', {runs: [...ticked].sort((a, b) => a - b)}));
  const compare = button(bar, 'Compare two', 'small', () => trigger('compare', {runs: [...ticked].sort((a, b) => a - b)}));
  overlay.dataset.act = 'overlay'; compare.dataset.act = 'compare';
  const csv = button(bar, 'Download CSV', 'small', save);
  csv.dataset.act = 'csv';
  const ready = () => { overlay.disabled = ticked.size < 1 || ticked.size > shown.most; compare.disabled = ticked.size !== 2; overlay.textContent = ticked.size > shown.most ? 'At most ' + shown.most : ticked.size ? 'Overlay ' + ticked.size : 'Overlay the curves'; };
  ready();
  for (const text of shown.notes) put(root, 'p', 'quiet small', text);
  columnList();
  const table = put(put(root, 'div', 'scroll'), 'table', 'list'), head = put(put(table, 'thead'), 'tr'), body = put(table, 'tbody');
  put(head, 'th', '', '');
  shown.columns.forEach((column, at) => heading(head, column, at));
  put(head, 'th', '', '');
  for (const line of sorted()) row(body, line, ready);
  if (!shown.lines.length) put(put(body, 'tr'), 'td', 'quiet', 'No run fits these filters.').colSpan = shown.columns.length + 2;
  if (shown.rest) put(root, 'p', 'quiet small', 'and ' + shown.rest.toLocaleString('en') + ' older runs; the CSV has all of them');
}
async function save(node) {
  node.disabled = true;
  const got = await server.csv(location.search).catch(() => null) || {error: 'The app did not answer. Try again.'};
  node.disabled = false;
  if (got.error) { put(root, 'div', 'note bad', got.error); return; }
  const link = document.createElement('a'), place = URL.createObjectURL(new Blob([got.text], {type: 'text/csv'}));
  link.href = place;
  link.download = 'goldloop-runs.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(place), 1000);
}
// A column of numbers is set to the right, its head and its dashes too.
const numeric = at => shown.columns[at].key !== 'run' && shown.lines.some(line => typeof line.sort[at] === 'number');
function heading(head, column, at) {
  const cell = put(head, 'th', numeric(at) ? 'n' : ''), now = order && order.replace('-', '') === column.key;
  cell.scope = 'col';
  if (now) cell.setAttribute('aria-sort', order[0] === '-' ? 'descending' : 'ascending');
  button(cell, column.title + (now ? (order[0] === '-' ? ' \u2193' : ' \u2191') : ''), '', () => { order = order === column.key ? '-' + column.key : column.key; see({sort: order}); paint(); });
}
function sorted() {
  if (!order) return shown.lines;
  const at = shown.columns.findIndex(column => column.key === order.replace('-', '')), way = order[0] === '-' ? -1 : 1;
  if (at < 0) return shown.lines;
  const empty = v => v === null || v === undefined;
  return [...shown.lines].sort((a, b) => {
    const x = a.sort[at], y = b.sort[at];
    if (empty(x) || empty(y)) return empty(x) - empty(y);  // what is not known stands last, whichever way
    return way * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y)));
  });
}
function row(body, line, ready) {
  const tr = put(body, 'tr', line.here ? 'current' : ''), box = put(put(tr, 'td'), 'input');
  tr.dataset.run = line.id;
  box.type = 'checkbox';
  box.checked = ticked.has(line.id);
  box.setAttribute('aria-label', 'Choose run ' + line.id);
  box.addEventListener('change', () => { if (box.checked) ticked.add(line.id); else ticked.delete(line.id); ready(); });
  line.cells.forEach((text, at) => {
    const kind = shown.columns[at].key, cell = put(tr, 'td', numeric(at) ? 'n' : '');
    cell.title = text;
    if (kind === 'run') put(cell, 'a', '', 'Run ' + line.id).href = line.href;
    else if (kind === 'state') put(cell, 'span', 'badge ' + line.badge, text);
    else cell.textContent = text;
  });
  const ways = put(tr, 'td');
  for (const [words, href] of line.ways) { const way = put(ways, 'a', '', words); way.href = href; way.style.marginRight = '10px'; }
}
function columnList() {
  const fold = put(root, 'details', 'columns');
  fold.open = open;
  fold.addEventListener('toggle', () => { open = fold.open; });
  put(fold, 'summary', '', 'Columns (' + shown.columns.length + ' of ' + shown.all.length + ')');
  const list = put(fold, 'div', 'column-list'), chosen = new Set(shown.columns.map(column => column.key));
  for (const column of shown.all) {
    const label = put(list, 'label'), box = put(label, 'input');
    box.type = 'checkbox';
    box.checked = chosen.has(column.key);
    label.append(column.title);
    box.addEventListener('change', () => { if (box.checked) chosen.add(column.key); else chosen.delete(column.key); see({columns: shown.all.map(one => one.key).filter(key => chosen.has(key)).join(',')}); });
  }
  button(fold, 'The usual ones', 'small', () => see({columns: ''}));
}
watch('value', fill);
fill();
