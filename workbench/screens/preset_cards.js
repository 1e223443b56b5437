// The recipes to begin with, as cards of which one is chosen: a radio group that the arrow keys move through.
const root = element.querySelector('.presets');
function fill() {
  const value = props.value;
  root.replaceChildren();
  if (!value) return;
  value.cards.forEach((card, place) => {
    const chosen = card.name === value.chosen;
    const node = put(root, 'button', 'preset');
    node.type = 'button';
    node.setAttribute('role', 'radio');
    node.setAttribute('aria-checked', chosen);
    node.tabIndex = chosen || (place === 0 && !value.cards.some(one => one.name === value.chosen)) ? 0 : -1;
    put(node, 'strong', '', card.title);
    put(node, 'span', '', card.purpose);
    if (card.warning) put(node, 'span', 'not', card.warning);
    put(node, 'span', 'quiet', card.knobs);
    node.addEventListener('click', () => trigger('choose', { name: card.name }));
    node.addEventListener('keydown', event => {
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      const all = [...root.querySelectorAll('button')];
      const next = all[(place + way + all.length) % all.length];
      all.forEach(one => { one.tabIndex = one === next ? 0 : -1; });
      next.focus();
    });
  });
  if (root.dataset.focus === '1') root.querySelector('[aria-checked=true]')?.focus();
}
root.addEventListener('focusin', () => { root.dataset.focus = '1'; });
root.addEventListener('focusout', event => { if (event.relatedTarget) root.dataset.focus = ''; });
watch('value', fill);
fill();
