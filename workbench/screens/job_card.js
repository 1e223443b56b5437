// Texts only through textContent: a job's line may quote a row.
const card = element.querySelector('.job');
let before = null;
function button(parent, text, what, id) {
  const node = put(parent, 'button', '', text);
  node.type = 'button';
  node.addEventListener('click', () => { node.disabled = true; trigger('act', {what: what, id: id}); });
}
const away = job => 'goldloop/away/' + job.id + '/' + job.state;  // a job that is over can be put away in this browser
function fill() {
  const job = props.value;
  card.hidden = !job || (job.over && !!localStorage[away(job)]);
  card.replaceChildren();
  if (card.hidden) return;
  card.className = 'job ' + job.state;
  const top = put(card, 'div', 'job-top');
  put(top, 'strong', '', job.title);
  if (job.said) put(top, 'span', 'badge ' + ({done: 'ok', failed: 'error', lost: 'warning'}[job.state] || ''), job.said);
  put(top, 'span', 'left', job.left);
  if (!job.over && job.state !== 'stopping') button(top, 'Stop and keep', 'stop', job.id);
  if (job.resumable) button(top, 'Resume', 'resume', job.id);
  if (job.over) {
    const close = put(top, 'button', '', 'Put away');
    close.type = 'button';
    close.addEventListener('click', () => { localStorage[away(job)] = 1; fill(); });
  }
  const bar = put(card, 'div', 'bar'), share = Math.round(job.done * 100);
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-valuenow', share);
  bar.setAttribute('aria-label', job.title);
  put(bar, 'div', '').style.width = share + '%';
  put(card, 'div', 'line', job.line);
  if (before && before.id === job.id && !before.over && job.over) trigger('ended', {id: job.id});
  before = job;
}
watch('value', fill);
fill();
