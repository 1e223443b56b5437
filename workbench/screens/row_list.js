// Row texts only through textContent and dataset.
const lines = () => [...element.querySelectorAll('tbody tr')];
let at = 0, timer;
function fill() {
  const value = props.value || {rows: [], range: '', page: 1, pages: 1}, body = element.querySelector('tbody');
  body.replaceChildren();
  for (const row of value.rows) {
    const line = body.insertRow(), number = line.insertCell(), cell = line.insertCell();
    line.dataset.id = row.id;
    number.className = 'num quiet';
    number.textContent = row.number;
    const prompt = document.createElement('div'), reply = document.createElement('div');
    prompt.className = 'ask';
    prompt.textContent = row.prompt;
    reply.className = 'say-back';
    reply.textContent = row.reply;
    cell.append(prompt, reply);
    if (row.flags.length) {
      const flags = document.createElement('div');
      flags.className = 'flags';
      for (const [flag, severity] of row.flags) { const pill = document.createElement('span'); pill.className = 'badge ' + severity; pill.textContent = flag; flags.append(pill); }
      cell.append(flags);
    }
  }
  if (!value.rows.length && value.empty) {
    const cell = body.insertRow().insertCell(), box = document.createElement('div');
    box.className = 'empty'; box.textContent = value.empty; cell.append(box);
  }
  element.querySelector('.range').textContent = value.range;
  const measured = element.querySelector('.measured'), said = value.old || value.measured;
  measured.hidden = !said;
  measured.querySelector('span').textContent = said || '';
  measured.querySelector('a').textContent = value.old ? 'Check again' : 'Check them';
  measured.querySelector('a').href = value.check_href || '/checks';
  const queue = element.querySelector('.to-queue'), way = value.queue && value.queue.href ? value.queue : null;
  queue.hidden = !way;
  if (way) { queue.firstChild.textContent = way.words; queue.firstChild.href = way.href; }
  element.querySelector('[data-step="-1"]').disabled = value.page <= 1;
  element.querySelector('[data-step="1"]').disabled = value.page >= value.pages;
  at = Math.max(0, value.rows.findIndex(row => row.id === value.current));
  paint();
}
function paint() {
  const all = lines();
  at = Math.max(0, Math.min(at, all.length - 1));
  all.forEach((line, i) => line.classList.toggle('current', i === at && !!line.dataset.id));
  const grid = element.querySelector('.grid'), line = all[at];  // scroll the list only, never the page
  if (line && grid.clientHeight) {
    const top = line.offsetTop, bottom = top + line.offsetHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (bottom > grid.scrollTop + grid.clientHeight) grid.scrollTop = bottom - grid.clientHeight;
  }
}
function open(wait) {
  clearTimeout(timer);
  const line = lines()[at];
  if (line && line.dataset.id) timer = setTimeout(() => { goldloop.row = line.dataset.id; trigger('open', {id: line.dataset.id}); }, wait);
}
function turn(step) { trigger('turn', {page: (props.value ? props.value.page : 1) + step}); }
element.addEventListener('click', e => {
  const step = e.target.closest('[data-step]'), line = e.target.closest('tbody tr');
  if (step) return turn(Number(step.dataset.step));
  if (line) { at = lines().indexOf(line); paint(); open(0); }
});
document.addEventListener('keydown', function onkey(e) {
  if (!document.body.contains(element)) return document.removeEventListener('keydown', onkey);
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches('input,textarea,select,[contenteditable=true]')) return;
  const step = {j: 1, ArrowDown: 1, k: -1, ArrowUp: -1}[e.key];
  if (step && (e.key.length === 1 || element.contains(document.activeElement))) { e.preventDefault(); at += step; paint(); open(120); }
  else if (e.key === 'Enter' && element.contains(document.activeElement) && !e.target.closest('button')) { e.preventDefault(); open(0); }
});
watch('value', fill);
fill();
