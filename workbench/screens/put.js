// Adds an element with a class and a text; the text goes in as text, never as markup.
function put(parent, tag, kind, text) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text !== undefined && text !== null) node.textContent = text;
  parent.append(node);
  return node;
}
