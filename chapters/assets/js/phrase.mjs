// What the scripts say, in the language of the page: a translated page brings a table (deepbook/site/language.py).
const held = globalThis.document?.getElementById?.("deepbook-words");
const table = held ? JSON.parse(held.textContent) : {};

/** An English phrase in the page's language, or as it is; a name in braces stands for the value of that name. */
export function phrase(english, values = {}) {
  return (table[english] ?? english).replace(/\{(\w+)\}/g, (braces, name) => values[name] ?? braces);
}
