// Links keep the dataset and the version that one looks at. Texts only through textContent.
const KEPT = ['dataset', 'version'];
function links() {
  const now = new URLSearchParams(location.search);
  for (const link of element.querySelectorAll('a[data-keep]')) {
    const target = new URL(link.getAttribute('href'), location.origin), kept = new URLSearchParams();
    for (const name of KEPT) if (now.get(name)) kept.set(name, now.get(name));
    link.setAttribute('href', target.pathname + (kept.size ? '?' + kept : ''));
  }
}
function titled() {  // tabs of several screens, and a history, must be told apart
  const here = element.querySelector('nav [aria-current]');
  if (here) document.title = here.textContent + ' · Goldloop';
}
function inSight() {  // on a narrow window the stations are one line that is pushed along: this one stands in its middle
  const here = element.querySelector('nav [aria-current]'), nav = here && here.parentElement;
  if (!nav || nav.scrollWidth <= nav.clientWidth) return;
  const at = here.getBoundingClientRect(), around = nav.getBoundingClientRect();
  nav.scrollLeft += at.left + at.width / 2 - around.left - around.width / 2;
}
function fill() {
  const value = props.value, chip = element.querySelector('.chip'), strip = element.querySelector('.strip');
  links();
  titled();
  if (!value) return;
  chip.hidden = !value.chip;
  chip.textContent = value.chip;
  chip.title = value.chip;
  chip.href = value.href;
  chip.classList.toggle('old', value.old);
  strip.hidden = !value.jobs.length;
  strip.replaceChildren(...value.jobs.map(job => {
    const line = document.createElement('div'), bar = document.createElement('i'), text = document.createElement('span');
    bar.style.setProperty('--done', Math.round(job.done * 100) + '%');
    text.textContent = [job.title, Math.round(job.done * 100) + ' %', job.line, job.left].filter(Boolean).join(' · ');
    line.append(bar, text);
    if (job.href) {
      const link = document.createElement('a');
      link.textContent = 'View';
      link.href = job.href + '?job=' + job.id;
      line.append(link);
    }
    return line;
  }));
}
if (!window.goldloopBack) {  // Back and Forward inside a screen: read the URL again
  window.goldloopBack = true;
  window.addEventListener('popstate', () => location.reload());
}
element.addEventListener('mouseenter', links);
element.addEventListener('focusin', links);
watch('value', fill);
fill();
inSight();
