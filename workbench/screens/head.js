// A button pressed while the page still reads its URL would act on an empty form: the press waits for the answers.
window.goldloop = {
  open: 0,
  held: null,
  row: '',
  arriving() {
    this.open += 1;
  },
  arrived() {
    this.open -= 1;
    if (this.open > 0) return;
    document.documentElement.dataset.arrived = '';
    const button = this.held;
    this.held = null;
    // first the answers are drawn, then comes the press that was meant for them
    setTimeout(() => button && button.isConnected && button.click(), 0);
  },
};
document.addEventListener('click', e => {
  const button = e.target.closest && e.target.closest('button');
  if (goldloop.open <= 0 || !button) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  goldloop.held = button;
}, true);
// Keys of a page: a button with the id key-x is pressed by x, unless somebody is typing.
document.addEventListener('keydown', e => {
  const typing = e.target.matches('input,textarea,select,[contenteditable=true]');
  if (e.metaKey || e.ctrlKey || e.altKey || e.repeat || typing) return;
  const b = document.getElementById('key-' + e.key);
  if (b && b.offsetParent !== null && !b.disabled) { e.preventDefault(); b.click(); }
});
