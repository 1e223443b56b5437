// The desk of workbench/blind/desk.js in the app: the server is its host.
let desk = null;
function reset() {
  if (desk) { desk.stop(); desk = null; }
  const value = props.value, old = element.querySelector('.rate');
  if (old) { const fresh = old.cloneNode(true); fresh.querySelectorAll('.chips > *, .grades thead > *, .grades tbody > *').forEach(one => one.remove()); fresh.hidden = true; old.replaceWith(fresh); }
  if (!value || !value.round || !value.rater) return;
  const who = {round: value.round, rater: value.rater};
  desk = ratingDesk(element.querySelector('.rate').parentElement, {
    box: 'goldloop/votes/' + value.round + '/' + value.rater + '/', tags: value.tags, grades: value.grades, guide: value.guide,
    thanks: 'The round is closed once everybody has rated.',
    next: have => server.next_cards({...who, have}),
    save: vote => server.save({...who, ...vote}),
    back: () => server.back(who),
    guesses: () => server.guesses(who),
  });
}
watch('value', reset);
reset();
