// Self-tests work without this: each option unfolds its explanation. This says the verdict to screen readers as well.
export function announce(quiz) {
  const said = quiz.querySelector(".quiz-said");
  for (const option of quiz.querySelectorAll(".quiz-option")) {
    option.addEventListener("toggle", () => {
      if (option.open) said.textContent = option.querySelector(".quiz-why").textContent.trim().replace(/\s+/g, " ");
    });
  }
}
