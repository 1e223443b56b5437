// An offline pack: the desk with this browser's storage in place of the app.
(() => {
  const pack = JSON.parse(document.getElementById('pack').textContent), box = 'goldloop/pack/' + pack.seal;
  const root = document.getElementById('desk'), said = document.getElementById('said');
  root.append(document.getElementById('form').content.cloneNode(true));
  let log = [], kept = true;
  try { log = JSON.parse(localStorage[box] || '[]'); } catch (e) { kept = false; }
  if (!kept) said.textContent = 'This browser keeps nothing: save the result before you close the page.';
  const texts = new Map([...pack.cards, ...pack.guesses].map(c => [c.key, c]));
  const guess = new Set(pack.guesses.map(c => c.key));
  const standing = () => { const last = new Map(); for (const v of log) { last.delete(v.key); last.set(v.key, v); } for (const [k, v] of last) if (v.choice === 'undo') last.delete(k); return last; };
  // FNV-1a over UTF-16 units: that what was shown is what was packed, nothing more
  const mark = text => { let h = 0x811c9dc5; for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0; return h.toString(16).padStart(8, '0'); };
  const rated = () => [...standing().keys()].filter(k => !guess.has(k));
  const host = {
    local: true, box: box + '/', tags: pack.tags, grades: pack.grades, guide: pack.guide, thanks: 'Now save the result below and send the file back.',
    async next(have) {
      const done = standing(), cards = pack.cards.filter(c => !done.has(c.key) && !have.includes(c.key)).slice(0, 6);
      return {cards, done: rated().length, total: pack.cards.length, over: cards.length || have.length ? '' : 'rated'};
    },
    async save(vote) {
      const card = texts.get(vote.key);
      log.push({...vote, shown: mark(card.a) + '-' + mark(card.b)});
      try { localStorage[box] = JSON.stringify(log); } catch (e) { kept = false; said.textContent = 'This browser keeps nothing: save the result before you close the page.'; }
      return {done: rated().length, total: pack.cards.length, kept};
    },
    async back() { const key = rated().pop(); return {card: key ? texts.get(key) : null}; },
    async guesses() { const done = standing(); return {cards: pack.guesses.filter(c => !done.has(c.key) && done.has(c.of))}; },
    painted({mode}) { document.querySelector('.send').classList.toggle('ready', mode === 'done'); },
  };
  document.getElementById('export').addEventListener('click', e => {
    const whole = rated().length === pack.cards.length;
    const result = {goldloop: 'rating-result', edition: 1, round: pack.round, seal: pack.seal, rater: pack.rater, whole, votes: log};
    const link = Object.assign(document.createElement('a'), {
      href: URL.createObjectURL(new Blob([JSON.stringify(result, null, 1)], {type: 'application/json'})), download: pack.name,
    });
    link.click(); setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    said.textContent = pack.name + ' lies in your downloads, with ' + rated().length + ' of ' + pack.cards.length + ' choices.' + (whole ? '' : ' You may go on and save it again.');
    e.target.blur();
  });
  ratingDesk(root, host);
})();
