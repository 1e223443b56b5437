// Who did what, how far people agree, and the rows on which they differ. Texts only through textContent.
const root = element.querySelector('.review');
function fill() {
  const value = props.value;
  root.replaceChildren();
  if (!value) return;
  if (value.said) return put(root, 'div', 'empty', value.said);
  const box = put(root, 'details', 'card');
  box.open = value.state !== 'open' || value.differ.length > 0;
  const summary = put(box, 'summary', '');
  put(summary, 'strong', '', value.state === 'open' ? 'How the queue stands' : 'This queue is closed');
  put(summary, 'span', 'quiet num', ' · ' + count(value.done) + ' of ' + count(value.total) + ' done' + (value.differ.length ? ' · ' + many(value.differ.length + value.more, 'disagreement') : ''));
  put(box, 'p', 'quiet small', value.opened);
  if (value.closed_as) { const line = put(box, 'p', '', 'Its decisions made '); const link = put(line, 'a', '', value.closed_as); link.href = value.closed_href; }
  if (value.people.length) {
    const table = put(put(box, 'div', 'scroll'), 'table', 'list'), head = put(put(table, 'thead'), 'tr'), body = put(table, 'tbody');
    for (const words of ['Who', 'Decided', 'Holds now']) put(head, 'th', '', words);
    const held = new Map(value.held);
    for (const [who, number] of value.people) { const line = put(body, 'tr'); put(line, 'td', '', who); put(line, 'td', 'num', count(number)); put(line, 'td', 'num', held.get(who) ? count(held.get(who)) : ''); }
  }
  put(box, 'p', '', value.agreement);
  for (const [a, b, rows, share] of value.pairs) put(box, 'p', 'quiet small', a + ' and ' + b + ': alike on ' + share + ' % of ' + many(rows, 'row'));
  value.differ.forEach(one => differ(box, one, value));
  if (value.more) put(box, 'p', 'quiet', 'and ' + many(value.more, 'more disagreement'));
  if (value.state === 'open') button(box, 'Look again', 'small', () => trigger('again', {queue: value.queue}));
}
function differ(box, one, value) {
  const card = put(box, 'div', 'card differ');
  put(card, 'strong', '', 'Row ' + count(one.place) + ' of the queue: people differ');
  for (const said of one.said) {
    const line = put(card, 'div', 'way-line');
    put(line, 'span', 'way-title', said.who + ' says: ' + said.said + (said.late ? ' (came later)' : '') + (said.note ? ' · ' + said.note : ''));
    if (value.state === 'open') button(line, 'This counts', 'small', node => {
      node.disabled = true;
      trigger('settle', {queue: value.queue, row: one.row, who: said.who, nonce: [...crypto.getRandomValues(new Uint32Array(4))].join('-')});
    }).dataset.settle = said.who;
    changedTurns(card, said.turns);
  }
}
watch('value', fill);
fill();
