// Groups of copies under a limit that moves without measuring again; the person's choices per group are kept here until
// they are applied. Row texts only through textContent.
const root = element.querySelector('.copies');
let shown = null, keep = {}, leave = new Set(), asked = 0, timer;
function fill() {
  shown = props.value; keep = {}; leave = new Set();
  paint();
}
function paint() {
  root.replaceChildren();
  if (!shown) return;
  if (shown.said) return put(root, 'div', 'empty', shown.said);
  put(root, 'p', 'quiet', shown.summary);
  slider();
  if (!shown.groups.length) return put(root, 'div', 'empty', 'No rows are that much alike.');
  for (const group of shown.groups) draw(group);
  const foot = put(root, 'div', 'grid-foot');
  const back = button(foot, 'Previous', 'small', () => ask(shown.page - 1)), forth = (put(foot, 'span', 'num', 'page ' + count(shown.page) + ' of ' + count(shown.pages)), button(foot, 'Next', 'small', () => ask(shown.page + 1)));
  back.disabled = shown.page <= 1; forth.disabled = shown.page >= shown.pages;
}
const meant = () => ({version: shown.version, field: shown.field, against: shown.against, limit: shown.limit, keep, leave: [...leave]});
function slider() {
  const bar = put(root, 'div', 'copies-bar card'), label = put(bar, 'label', '', 'Alike from '), value = put(label, 'strong', 'num', Math.round(100 * shown.limit) + ' %'), slide = put(bar, 'input');
  slide.type = 'range'; slide.min = 0.7; slide.max = 1; slide.step = shown.step; slide.value = shown.limit;
  slide.setAttribute('aria-label', 'How much alike two rows must be');
  slide.addEventListener('input', () => { value.textContent = Math.round(100 * Number(slide.value)) + ' %'; clearTimeout(timer); timer = setTimeout(() => { shown.limit = Number(slide.value); ask(1); }, 80); });
  const told = shown.against ? many(shown.total, 'row') + ' stand there too' : many(shown.total, 'group');
  put(bar, 'span', 'num copies-told', told + '; ' + many(shown.goes, 'row') + ' of ' + count(shown.rows) + ' would go').setAttribute('role', 'status');
  if (!shown.newest) return put(bar, 'span', 'quiet', 'An older version, to read only.');
  const look = button(bar, 'Preview', 'small', () => { trigger('preview', meant()); apply.hidden = false; });
  const apply = button(bar, 'Apply: make a new version', 'small primary', node => { node.disabled = true; trigger('drop', meant()); setTimeout(() => { node.disabled = false; }, 4000); });
  apply.hidden = true;
  apply.dataset.act = 'drop-copies';
  look.disabled = !shown.goes;
}
async function ask(page) {
  const mine = ++asked, got = await server.at({...meant(), page}).catch(() => ({error: 'The app did not answer. Try again.'}));
  if (mine !== asked) return;
  if (got.error) { put(root, 'div', 'note bad', got.error); return; }
  shown = got;
  paint();
}
function draw(group) {
  const box = put(root, 'div', 'card group'), alone = leave.has(group.leader);
  const top = put(box, 'div', 'panel-top');
  put(top, 'strong', '', shown.against ? 'Row ' + count(group.rows[0].number) : many(group.size, 'row') + ' alike');
  if (!shown.against && shown.newest) button(top, alone ? 'Left alone; propose again' : 'Keep all of these', 'link', () => { if (alone) leave.delete(group.leader); else leave.add(group.leader); ask(shown.page); }).dataset.leave = group.leader;
  for (const row of group.rows) member(box, group, row, alone);
  if (group.more) put(box, 'p', 'quiet', 'and ' + many(group.more, 'more row'));
}
function member(box, group, row, alone) {
  const line = put(box, 'div', 'member' + (row.stays ? ' stays' : ' goes')), head = put(line, 'div', 'way-line');
  put(head, 'span', 'badge ' + (row.stays ? 'ok' : ''), row.stays ? 'stays' : 'goes');
  const link = put(head, 'a', 'num', 'Row ' + count(row.number));
  link.href = row.href;
  if (row.other) { put(head, 'span', 'quiet', row.likeness + ' % like '); const other = put(head, row.other_href ? 'a' : 'span', '', row.other); if (row.other_href) other.href = row.other_href; }
  else if (!row.base) put(head, 'span', 'quiet num', row.likeness + ' % like the one that stays');
  if (!row.stays && !alone && shown.newest && !shown.against) button(head, 'Keep this one instead', 'link', () => { keep[group.leader] = row.id; ask(shown.page); }).dataset.keep = row.id;
  for (const turn of row.turns) {
    if (turn.role === 'system' && !turn.parts.some(part => part[0] !== 'equal')) continue;
    const words = put(put(line, 'div', 'turn'), 'span', 'who', WHO[turn.role] || turn.role || 'no role');
    parts(put(words.parentNode, 'div', 'words'), shortened(turn.parts));
  }
}
watch('value', fill);
fill();
