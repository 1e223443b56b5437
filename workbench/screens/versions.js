// Names and reasons only through textContent.
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
  for (const name of ['', 'Version', 'Rows', 'Changed', 'What', 'Why', 'Who', 'When', '']) put(head, 'th', '', name);
  const body = put(table, 'tbody');
  picked = [value.a, value.b].filter(Boolean).map(Number);
  for (const one of value.versions) {
    const line = put(body, 'tr', one.here ? 'current' : ''), pick = put(put(line, 'td'), 'input');
    pick.type = 'checkbox';
    pick.checked = picked.includes(one.number);
    pick.setAttribute('aria-label', 'Compare version ' + one.number);
    pick.addEventListener('change', () => {
      picked = picked.filter(n => n !== one.number);
      if (pick.checked) picked = [...picked, one.number].slice(-2);
      for (const box of body.querySelectorAll('input')) box.checked = picked.includes(Number(box.dataset.number));
      button.disabled = picked.length !== 2;
      button.textContent = picked.length === 2 ? 'Compare v' + Math.min(...picked) + ' and v' + Math.max(...picked) : 'Tick two versions to compare';
    });
    pick.dataset.number = one.number;
    put(line, 'td', 'num', 'v' + one.number);
    put(line, 'td', 'num', one.rows);
    const counts = put(line, 'td', 'num counts');
    if (one.added) put(counts, 'span', 'plus', '+' + one.added.toLocaleString());
    if (one.removed) put(counts, 'span', 'minus', '−' + one.removed.toLocaleString());
    if (one.changed) put(counts, 'span', 'about', '~' + one.changed.toLocaleString());
    put(line, 'td', '', one.verb + (one.rejected ? ' · ' + one.rejected + ' not read' : ''));
    put(line, 'td', 'why', one.why);
    put(line, 'td', '', one.who);
    put(line, 'td', 'num', new Date(one.when).toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'})).title = one.when;
    put(put(line, 'td'), 'a', '', 'Rows').href = one.href;
  }
  const button = put(root, 'button', 'small', 'Tick two versions to compare');
  button.type = 'button';
  button.disabled = picked.length !== 2;
  button.addEventListener('click', () => trigger('compare', {a: picked[0], b: picked[1]}));
}
watch('value', fill);
fill();
