// The notes of the glossary's terms. The style sheet shows them; this puts a note under its term, and lets Escape shut it.
(() => {
  const note = (term) => term.nextElementSibling;

  /** As far to the right as the term stands, but inside the column of text. */
  function place(term) {
    const column = term.closest("p, li, dd")?.getBoundingClientRect();
    if (!column) return;
    const lines = term.getClientRects();
    const room = Math.max(0, column.width - note(term).offsetWidth);
    note(term).style.left = `${Math.min(lines[lines.length - 1].left - column.left, room)}px`;
  }

  const termAt = (event) => event.target.closest?.("dfn.term");
  for (const kind of ["focusin", "pointerover"]) {
    document.addEventListener(kind, (event) => {
      const term = termAt(event);
      if (!term) return;
      term.classList.remove("term-shut");
      place(term);
    });
  }
  // A finger focuses a term in some browsers and not in others, and a touch elsewhere takes the focus away in some.
  document.addEventListener("click", (event) => {
    const term = termAt(event);
    if (term) term.focus();
    else if (document.activeElement?.matches("dfn.term")) document.activeElement.blur();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const term of document.querySelectorAll("dfn.term:is(:hover, :focus), dfn.term:has(+ .term-note:hover)")) {
      term.classList.add("term-shut");
    }
  });
})();
