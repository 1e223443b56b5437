// The versions as a tree, newest first: what stands is a full dot in the first lane, what was undone a ring beside it.
const root = element.querySelector('.versions');
let picked = [];
function fill() {
  const value = props.value;
  root.replaceChildren();
  if (!value) return;
  if (value.said) return put(root, 'div', 'empty', value.said);
  if (value.datasets.length > 1) {
    const line = put(root, 'div', 'datasets');
    for (const one of value.datasets) { const link = put(line, 'a', 'badge' + (one.here ? ' info' : ''), one.name); link.href = one.href; }
  }
  const scroll = put(root, 'div', 'scroll'), table = put(scroll, 'table', 'list'), head = put(put(table, 'thead'), 'tr');
  for (const name of ['', 'Version', 'Rows', 'Changed', 'What', 'Why and note', 'Who', 'When', '']) put(head, 'th', '', name);
  const body = put(table, 'tbody');
  picked = [value.a, value.b].filter(Boolean).map(Number);
  for (const one of value.versions) version(body, one);
  compare = button(root, 'Tick two versions to compare', 'small', () => trigger('compare', {a: picked[0], b: picked[1]}));
  ready(body);
}
let compare = null;
function ready(body) {
  for (const box of body.querySelectorAll('[data-number]')) box.checked = picked.includes(Number(box.dataset.number));
  compare.disabled = picked.length !== 2;
  compare.textContent = picked.length === 2 ? 'Compare v' + Math.min(...picked) + ' and v' + Math.max(...picked) : 'Tick two versions to compare';
}
function version(body, one) {
  const line = put(body, 'tr', one.here ? 'current' : ''), pick = put(put(line, 'td'), 'input');
  pick.type = 'checkbox';
  pick.dataset.number = one.number;
  pick.setAttribute('aria-label', 'Compare version ' + one.number);
  pick.addEventListener('change', () => {
    picked = picked.filter(n => n !== one.number);
    if (pick.checked) picked = [...picked, one.number].slice(-2);
    ready(body);
  });
  const cell = put(line, 'td', 'num tree'), dot = put(cell, 'span', 'dot' + (one.stands ? ' stands' : '') + (one.back ? ' back' : ''));
  dot.style.setProperty('--lane', Math.min(one.lane, 6));
  dot.title = one.back ? 'Brings rows back' : one.stands ? 'This change is in force' : 'This change was taken back or left aside';
  put(cell, 'span', '', 'v' + one.number);
  if (one.name) put(cell, 'strong', 'version-name', one.name);
  if (one.said) put(cell, 'div', 'quiet small', one.said);
  put(line, 'td', 'num', one.rows);
  const counts = put(line, 'td', 'num counts');
  if (one.added) put(counts, 'span', 'plus', '+' + count(one.added));
  if (one.removed) put(counts, 'span', 'minus', '−' + count(one.removed));
  if (one.changed) put(counts, 'span', 'about', '~' + count(one.changed));
  put(line, 'td', '', one.verb + (one.rejected ? ' · ' + one.rejected + ' not read' : ''));
  const why = put(line, 'td', 'why');
  put(why, 'span', '', one.why);
  if (one.note) put(why, 'div', 'quiet small', one.note);
  put(line, 'td', '', one.who);
  put(line, 'td', 'num', new Date(one.when).toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'})).title = one.when;
  const ways = put(line, 'td', 'version-ways');
  put(ways, 'a', '', 'Rows').href = one.href;
  button(ways, 'Name', 'link', () => naming(line, one)).dataset.name = one.number;
  if (one.restorable) button(ways, 'Go back to it', 'link', () => trigger('restore', {number: one.number})).dataset.restore = one.number;
}
function naming(line, one) {
  const open = root.querySelector('.naming');
  if (open) open.remove();
  if (open && open.dataset.of === String(one.number)) return;
  const row = document.createElement('tr'), cell = document.createElement('td');
  row.className = 'naming'; row.dataset.of = one.number; cell.colSpan = 9; row.append(cell); line.after(row);
  const form = put(cell, 'form', 'edit edit-foot'), name = put(form, 'input'), note = put(form, 'input');
  name.value = one.name; name.placeholder = 'Name, such as: before the summer sale'; name.maxLength = 200; name.setAttribute('aria-label', 'Name of version ' + one.number);
  note.value = one.note; note.placeholder = 'Note'; note.maxLength = 2000; note.setAttribute('aria-label', 'Note on version ' + one.number);
  put(form, 'button', 'small primary', 'Save').type = 'submit';
  form.addEventListener('submit', e => { e.preventDefault(); trigger('name', {number: one.number, name: name.value, note: note.value}); });
  name.focus();
}
watch('value', fill);
fill();
