// Two people changed the same row: theirs stands, mine is kept here until one of three ways is taken.
function conflict(row) {
  const clash = row.conflict, box = put(root, 'div', 'card conflict');
  put(box, 'strong', '', 'Two people changed this row');
  put(box, 'p', '', clash.said);
  put(box, 'p', 'quiet small', 'Below: from their text (struck through) to yours (underlined).');
  changedTurns(box, clash.turns, true);
  const ways = put(box, 'div', 'edit-foot');
  button(ways, 'Keep mine', 'small primary', node => { node.disabled = true; trigger('save', {id: row.id, version: row.version, turns: mine(row), why: clash.why}); }).dataset.act = 'keep-mine';
  button(ways, 'Take theirs', 'small', () => { row.conflict = null; draft = null; forget(row); paint(); }).dataset.act = 'take-theirs';
  button(ways, 'Merge by hand', 'small', () => { draft = {why: clash.why, turns: mine(row)}; row.conflict = null; keep(row); paint(); }).dataset.act = 'merge';
}
function mine(row) { return row.conflict.mine.map((turn, i) => ({role: turn.role, content: turn.content, from: i < row.turns.length ? i : -1})); }
