"""The live page in a real browser, served by a real `deepbook learn`: a learner's loop without leaving the page.

The site is a small one, built by MkDocs: the real theme, style sheet and scripts, four exercises of chapter 1. Without
Chromium or the developers' node_modules these tests skip; where CI is set they fail instead.
"""

import re
import shutil
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsers import PHONE, WIDE, need

from deepbook.course import tell

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
JS = ROOT / "chapters" / "assets" / "js"
WAIT_MS = 60_000
FILE = "ch01_perceptron/neuron.py"
PAGE = """# The perceptron

A short page. It has something above the exercises and something below.

```exercise
by_hand
```

```exercise
weighted_sum
```

```exercise
majority
```

```exercise
xor
```

## The end

Nothing more.
"""
RIGHT = {
    "by_hand": "return -1.5, 0.0, 0.0",
    "majority": "return np.ones(n), -n / 2",
}
WITHOUT_BIAS = "return -2.0, 0.0, 0.0"


def test_the_page_says_the_same_words_as_the_terminal():
    listed = re.findall(r'^  (\w+): \["[^"]+", "([^"]+)"\]', (JS / "live-words.mjs").read_text(encoding="utf-8"), re.M)
    assert dict(listed) == {status: word for status, (word, _) in tell.WORDS.items()}


# A small book's site, its learner and its server


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two pages, with the theme and the settings of the book."""
    from deepbook.site.build import run_mkdocs

    root = tmp_path_factory.mktemp("small")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = "nav:\n  - Before you start: index.md\n  - Chapters:\n      - 01-perceptron.md\n\n"
    settings = re.sub(r"^nav:\n(?:  .*\n)+\n", nav, settings, flags=re.M)
    settings = re.sub(r"^  - mkdocstrings:\n(?:      .*\n)+", "", settings, flags=re.M)
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    shutil.copytree(ROOT / "chapters" / "assets", root / "chapters" / "assets")
    (root / "chapters" / "index.md").write_text("# Before you start\n", encoding="utf-8")
    (root / "chapters" / "01-perceptron.md").write_text(PAGE, encoding="utf-8")
    chinese = root / "chapters" / "zh-TW"
    chinese.mkdir()
    for name in ("words.toml", "exercises.toml"):
        shutil.copy(ROOT / "chapters" / "zh-TW" / name, chinese)
    (chinese / "index.md").write_text("# 開始之前 {#before-you-start}\n", encoding="utf-8")
    (chinese / "01-perceptron.md").write_text(PAGE.replace("# The perceptron", "# 感知器"), encoding="utf-8")
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    run_mkdocs(root, root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def starter():
    """Warm processes for the learners' tests, shared by all sessions here."""
    from deepbook.course import warm

    each = warm.starter()
    yield each
    each.close()


class Learn:
    """`deepbook learn` in a fresh folder, without its terminal; `start` and `stop` as often as one likes."""

    def __init__(self, folder, site, starter):
        from deepbook.course.session import Session
        from deepbook.course.workspace import start

        self.folder = folder
        self.file = folder / FILE
        self.session = Session(start(folder).workspace, starter)
        self.site, self.server = site, None
        self.port = free_port()
        self.start()

    def start(self):
        from deepbook.site.server import Server, listen

        listener = listen(self.port)
        build = SimpleNamespace(site=self.site, ready=True, problem="", stop=lambda: None)
        self.server = Server(listener, build, self.session)
        self.server.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.server.stop()

    def write(self, text):
        """Save the file by another program, and be told of it as the watcher tells."""
        self.file.write_bytes(text.encode())
        self.session.saved({self.file})

    def answered(self, **answers):
        """The file with these answers in it."""
        text = self.file.read_bytes().decode()
        for name, answer in answers.items():
            text = text.replace(f'raise NotImplementedError("{name}: put your answer here")', answer)
        return text

    def backups(self):
        return [path.read_text() for path in self.folder.glob(f".deepbook/backups/*/{FILE}")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def learn(tmp_path, chromium, site, starter):
    running = Learn(tmp_path / "mine", site, starter)
    yield running
    running.stop()
    running.session.halt()


@pytest.fixture
def open_page(chromium, learn):
    """A function that opens the chapter as a learner does, and gives the page with the state in it."""
    contexts = []

    def open_page(viewport=WIDE, context=None, **options):
        if context is None:
            context = chromium.new_context(viewport=viewport, **options)
            context.set_default_timeout(WAIT_MS)
            contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{learn.address}/01-perceptron.html")
        connected(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def connected(page):
    page.wait_for_function("/^\\d+ of/.test(document.querySelector('.live-line')?.innerText)")


def box(page, name):
    return page.locator(f'[data-exercise="ch01/{name}"]')


def press(page, name, button):
    box(page, name).get_by_role("button", name=button, exact=True).click()


def says(page, name, words):
    """Wait until the box of an exercise says this."""
    box(page, name).locator(".live").filter(has_text=words).first.wait_for()


def stands(page, name, word):
    box(page, name).locator(".live-state").filter(has_text=re.compile(rf"{word}$")).wait_for()


def edit(page, name):
    """Open the editor at an exercise; gives the field to type in. What is to be replaced is selected there."""
    press(page, name, "Edit here")
    field = box(page, name).locator(".cm-content")
    field.wait_for()
    page.wait_for_function("document.activeElement.matches('.cm-content')")
    return field


def wait_until(true, wait_s=WAIT_MS / 1000):
    deadline = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def heard(page, words):
    """Wait until a screen reader was told this."""
    page.locator(".live-voice").filter(has_text=words).wait_for(state="attached")


def unsaved(page):
    return page.locator(".editor-unsaved").count() == 1


# How it stands


def test_open_shows_how_each_exercise_stands(learn, open_page):
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    page = open_page()
    stands(page, "by_hand", "passed")
    stands(page, "xor", "to do")
    total = len(learn.session.index.exercises)
    assert page.locator(".live-line").inner_text().startswith(f"1 of {total} exercises passes")
    assert page.locator(".live-line a").get_attribute("href") == "/01-perceptron.html#exercise-weighted-sum"
    chapter = len(learn.session.index.chapters[0].exercises)
    count = page.locator("a.md-nav__link--active .live-count")
    assert count.inner_text().startswith(f"1/{chapter}") and f"1 of {chapter} exercises passes" in count.inner_text()
    assert page.locator(".live-voice").inner_text() == ""  # nothing is new
    assert page.complaints == []


def test_a_translated_page_speaks_its_language_and_stays_in_it(learn, open_page):
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    page = open_page()
    page.goto(f"{learn.address}/zh-TW/01-perceptron.html")
    stands(page, "by_hand", "通過")
    stands(page, "xor", "待完成")
    assert "道習題中通過 1 道" in page.locator(".live-line").inner_text()
    assert page.locator(".live-line a").get_attribute("href") == "/zh-TW/01-perceptron.html#exercise-weighted-sum"
    chapter = len(learn.session.index.chapters[0].exercises)
    assert page.locator("a.md-nav__link--active .live-count").inner_text().startswith(f"1/{chapter}")
    press(page, "xor", "在此編輯")
    box(page, "xor").locator(".cm-content").wait_for()
    press(page, "xor", "存檔並檢查")
    heard(page, "待完成")
    assert page.complaints == []


def test_open_moves_the_text_little(learn, open_page):
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    page = open_page()
    stands(page, "by_hand", "passed")
    shifts = """new Promise(done => new PerformanceObserver(list =>
        done(list.getEntries().reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0))
    ).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))"""
    assert page.evaluate(shifts) < 0.1


def test_page_without_a_token_shows_nothing_live(chromium, site):
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "01-perceptron.html").as_uri())
    assert page.locator(".exercise").count() == 4
    assert page.locator(".live, .live-line, .live-count").count() == 0
    assert not [url for url in asked if "_live" in url or "editor.js" in url]
    page.close()


# Failing, passing, hints


def test_failure_says_what_is_wrong_and_is_only_text(learn, open_page):
    page = open_page()
    learn.write(learn.answered(by_hand=f"print('<script>document.title = 1</script><b>')\n    {WITHOUT_BIAS}"))
    stands(page, "by_hand", "failed")
    failure = box(page, "by_hand").locator(".live-failure")
    assert "by_hand() gave (-2" in failure.locator(".live-message").inner_text()
    assert failure.locator(".live-mistake").inner_text().startswith("You left out the bias")
    assert failure.locator("pre").inner_text().strip() == "<script>document.title = 1</script><b>"
    assert failure.locator("b, script").count() == 0
    assert f"{FILE}:13" in failure.inner_text()
    heard(page, "“A neuron with pencil and paper”: failed. You left out the bias")
    assert page.complaints == []


def test_hints_open_one_by_one_and_everywhere(learn, open_page):
    page = open_page()
    learn.write(learn.answered(by_hand=WITHOUT_BIAS))
    stands(page, "by_hand", "failed")
    press(page, "by_hand", "Show hint 1")
    hints = box(page, "by_hand").locator("details.hint")
    told = "[...document.querySelectorAll('.exercise button')].some(each => each.textContent === 'Show hint %d')"
    page.wait_for_function(told % 2)
    other = open_page(context=page.context)
    other.wait_for_function(told % 2)
    assert other.locator("details.hint[open]").count() == 1
    hints.nth(1).locator("> summary").click()  # the page's own way
    other.wait_for_function(told % 3)
    learn.session.hint("ch01/by_hand")  # and the terminal's
    page.wait_for_function(told % 4)
    assert [hint.get_attribute("open") is not None for hint in hints.all()] == [True, True, True, False]
    page.reload()
    page.wait_for_function(told % 4)
    assert len(learn.session.state()["exercises"]["ch01/by_hand"]["hints"]) == 3


def test_edit_save_pass_next(learn, open_page):
    page = open_page()
    page.evaluate("""() => {
        const voice = document.querySelector(".live-voice");
        window.said = [];
        new MutationObserver(() => said.push(voice.textContent)).observe(voice, {childList: true});
    }""")
    edit(page, "majority")
    page.keyboard.type("return np.ones(n), n")
    assert unsaved(page)
    page.keyboard.press("Control+s")
    stands(page, "majority", "failed")
    page.keyboard.press("Control+z")  # the cursor is still where it was
    page.keyboard.type(RIGHT["majority"])
    press(page, "majority", "Save and check")
    stands(page, "majority", "passed")
    says(page, "majority", "All its tests pass now: 1 point.")
    assert not unsaved(page)
    assert learn.file.read_text() == learn.answered(majority=RIGHT["majority"])
    heard(page, "Passed: “A neuron that counts votes”")
    passed = [each for each in page.evaluate("said") if "Passed" in each]
    assert len(passed) == 1 and "next is “A neuron with pencil and paper”" in passed[0]
    box(page, "majority").get_by_role("link", name="Next: A neuron with pencil and paper").click()
    assert page.url.endswith("#exercise-by-hand")
    page.reload()
    stands(page, "majority", "passed")
    assert page.complaints == []


def test_check_runs_the_file_again(learn, open_page):
    page = open_page()
    learn.file.write_text(learn.answered(by_hand=RIGHT["by_hand"]))  # and nobody was told
    press(page, "by_hand", "Check")
    stands(page, "by_hand", "passed")


def test_start_again_asks_and_keeps_a_backup(learn, open_page):
    before = learn.file.read_text()
    page = open_page()
    learn.write(written := learn.answered(by_hand=RIGHT["by_hand"]))
    stands(page, "by_hand", "passed")
    press(page, "by_hand", "Start again")
    box(page, "by_hand").locator(".live-said").filter(has_text="is kept in").wait_for()
    stands(page, "by_hand", "to do")
    assert learn.file.read_text() == before and learn.backups() == [written]


@pytest.mark.parametrize("viewport", [(1366, 650), (1280, 800)])
@pytest.mark.parametrize("answer", [WITHOUT_BIAS, RIGHT["by_hand"]])
def test_verdict_of_a_save_comes_into_view(learn, open_page, viewport, answer):
    page = open_page(dict(zip(("width", "height"), viewport, strict=True)))
    field = edit(page, "by_hand")
    page.keyboard.type(answer)
    page.keyboard.press("Control+s")
    stands(page, "by_hand", "failed" if answer == WITHOUT_BIAS else "passed")
    inside = """() => { const {top, bottom} = document.querySelector(".live-failure").getBoundingClientRect();
        return top > 40 && bottom <= innerHeight }"""
    page.wait_for_function(inside)
    assert field.evaluate("each => each === document.activeElement")
    assert page.evaluate("document.querySelector('.editor .cm-editor').offsetHeight <= innerHeight / 2 + 1")
    if answer == WITHOUT_BIAS:
        order = page.locator(".live-failure > *").evaluate_all("all => all.map(each => each.className)")
        assert order.index("live-mistake") == order.index("live-message") + 1


def test_lines_of_88_columns_fit_at_1280(learn, open_page):
    learn.write(learn.file.read_text().replace('"""Chapter', f'"""{"x" * 84}\n{"x" * 88}\nChapter', 1))
    page = open_page({"width": 1280, "height": 800})
    edit(page, "by_hand")
    rows = """() => { const lines = [...document.querySelectorAll(".cm-line")];
        const line = lines.find(each => each.innerText === "x".repeat(88));
        return Math.round(line.offsetHeight / parseFloat(getComputedStyle(line).lineHeight)) }"""
    assert page.evaluate(rows) == 1
    columns = """() => { const code = document.querySelector(".exercise:not(.exercise-editing) pre > code");
        const probe = document.createElement("span"); probe.textContent = "x".repeat(88); code.prepend(probe);
        return probe.getClientRects().length }"""
    assert page.evaluate(columns) == 1


def test_code_in_a_message_is_in_a_code_font(learn, open_page):
    page = open_page()
    raised = "raise ValueError('Look:\\n    <b>x</b> = 1\\n      y = 2\\nat `x`.')"
    learn.write(learn.answered(by_hand=raised))
    message = box(page, "by_hand").locator(".live-message")
    code = message.locator("code.live-code").filter(has_text="<b>x</b> = 1")
    code.wait_for()
    assert code.evaluate("each => getComputedStyle(each).display") == "block"
    assert message.locator("b").count() == 0


def test_a_long_run_counts_its_seconds(learn, open_page):
    page = open_page()
    learn.write(learn.answered(by_hand="import time\n    time.sleep(6)\n    return 1"))
    words = box(page, "by_hand").locator(".live-state")
    words.filter(has_text=re.compile(r"checking … [4-9] s; an endless loop is stopped after 20 s$")).wait_for()
    assert page.locator(".live-voice").inner_text() == ""
    stands(page, "by_hand", "failed")


def test_the_end_of_a_chapter_is_said(learn, open_page, monkeypatch):
    state = learn.session.state

    def nearly_done():
        now = state()
        first = now["chapters"][0]
        first["passed"] = first["total"] if now["exercises"]["ch01/by_hand"]["status"] == "passed" else 0
        return now

    monkeypatch.setattr(learn.session, "state", nearly_done)
    page = open_page()
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    total = len(learn.session.index.chapters[0].exercises)
    says(page, "by_hand", f"Chapter 1 is done: {total} of {total}.")
    chapter = learn.session.index.chapters[1]
    assert box(page, "by_hand").locator(".live-next").inner_text() == f"Next: {chapter.exercises[0].title}"


def test_start_again_sets_aside_what_was_not_saved(learn, open_page):
    before = learn.file.read_text()
    page = open_page()
    learn.write(written := learn.answered(by_hand=RIGHT["by_hand"]))
    stands(page, "by_hand", "passed")
    edit(page, "xor")
    page.keyboard.type("return 17")
    unsaved_text = learn.answered(xor="return 17")
    press(page, "by_hand", "Start again")  # another exercise of the same file
    says(page, "by_hand", "What was not saved yet is kept in")
    assert page.locator(".editor-conflict").is_hidden() and not unsaved(page)
    assert "return 17" not in page.locator(".cm-content").inner_text()
    assert learn.file.read_text() == before
    assert sorted(learn.backups()) == sorted([unsaved_text, written])
    assert "changed" not in box(page, "xor").locator(".editor-note").inner_text()
    page.keyboard.press("Control+s")
    assert page.complaints == []


# The editor and the disk


def test_editor_shows_the_whole_file_with_the_others_folded(learn, open_page):
    page = open_page()
    field = edit(page, "xor")
    assert field.get_attribute("aria-label") == f"Your answer, {FILE}"
    assert page.locator(".cm-foldPlaceholder").count() == 3
    numbers = [int(each) for each in page.locator(".cm-lineNumbers .cm-gutterElement").all_inner_texts()[1:]]
    line = learn.file.read_text().splitlines().index("def xor():") + 1
    assert line in numbers and line - 5 not in numbers  # the file's own; majority is folded
    assert page.evaluate("getSelection().toString()").startswith("raise NotImplementedError")
    page.locator(".cm-foldPlaceholder").first.click()
    assert page.locator(".cm-foldPlaceholder").count() == 2


def test_editor_moves_to_another_exercise_with_its_text(learn, open_page):
    page = open_page()
    edit(page, "xor")
    page.keyboard.type("return 17")
    edit(page, "majority")
    assert page.locator(".cm-editor").count() == 1 and unsaved(page)
    page.keyboard.type(RIGHT["majority"])
    press(page, "majority", "Save and check")
    stands(page, "majority", "passed")
    assert "    return 17\n" in learn.file.read_text()
    press(page, "majority", "Close the editor")
    assert page.locator(".cm-editor").count() == 0


def test_editor_keeps_the_line_ends_of_the_file(learn, open_page):
    learn.write(learn.file.read_text().replace("\n", "\r\n"))
    wanted = learn.answered(majority="n = 1\r\n    return n")
    page = open_page()
    edit(page, "majority")
    page.keyboard.type("n = 1\nreturn n")
    page.keyboard.press("Control+s")
    stands(page, "majority", "failed")
    assert learn.file.read_bytes().decode() == wanted


def test_unsaved_text_comes_back(learn, open_page):
    page = open_page()
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    edit(page, "xor")
    page.keyboard.type("return 17")
    page.reload()
    says(page, "xor", "Unsaved text from before was brought back.")
    assert asked == ["beforeunload"] and "return 17" in page.locator(".cm-content").inner_text() and unsaved(page)
    assert page.evaluate("document.activeElement === document.body")
    press(page, "xor", "Take the file on the disk instead")
    says(page, "xor", "What you had written is kept in")
    assert "return 17" not in page.locator(".cm-content").inner_text() and not unsaved(page)
    assert learn.backups() == [learn.answered(xor="return 17")]
    page.reload()
    connected(page)
    assert page.locator(".cm-editor").count() == 0


def test_unsaved_text_comes_back_over_a_file_that_changed(learn, open_page):
    page = open_page()
    edit(page, "xor")
    page.keyboard.type("return 17")
    page.goto(f"{learn.address}/index.html")
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    page.goto(f"{learn.address}/01-perceptron.html")
    box(page, "xor").get_by_role("alert").filter(has_text="brought back").wait_for()
    assert "+     return -1.5" in page.locator(".editor-conflict pre").inner_text()


def test_file_changed_on_disk_is_taken_while_nothing_is_unsaved(learn, open_page):
    page = open_page()
    edit(page, "xor")
    learn.write(learn.answered(weighted_sum="return 1").replace('"""Chapter', '"""\n\nChapter', 1))
    says(page, "xor", "The file changed on the disk")
    page.keyboard.type("return 2")  # what was selected is selected still
    page.wait_for_function("!document.querySelector('.editor-note').textContent")  # and that is news no more
    page.keyboard.press("Control+s")
    stands(page, "xor", "failed")
    assert learn.file.read_text().startswith('"""\n\nChapter') and "    return 2\n" in learn.file.read_text()


def test_text_that_the_disk_replaced_is_only_an_undo_away(learn, open_page):
    page = open_page()
    edit(page, "xor")
    learn.write(learn.answered(majority="return 1"))
    says(page, "xor", "The file changed on the disk")
    page.keyboard.press("Control+z")
    assert unsaved(page)
    page.keyboard.press("Control+s")
    wait_until(lambda: not unsaved(page))
    assert "return 1\n" not in learn.file.read_text()


def test_note_on_the_disk_goes_with_a_conflict(learn, open_page):
    page = open_page()
    edit(page, "xor")
    learn.write(learn.answered(majority="return 1"))
    says(page, "xor", "The file changed on the disk")
    page.keyboard.type("return 2")
    learn.write(learn.answered(by_hand="return 3"))
    page.locator(".editor-conflict").wait_for()
    assert page.locator(".editor-note").inner_text() == ""


def test_save_during_a_conflict_asks_to_choose_first(learn, open_page):
    page = open_page()
    edit(page, "majority")
    page.keyboard.type(RIGHT["majority"])
    learn.write(theirs := learn.answered(majority="return 2"))
    page.locator(".editor-conflict").wait_for()
    page.keyboard.press("Control+s")
    says(page, "majority", "Choose one of the two first.")
    assert learn.file.read_text() == theirs and learn.backups() == []
    press(page, "majority", "Take the one on disk")
    says(page, "majority", "is kept in")
    page.wait_for_function("document.activeElement.matches('.cm-content')")
    assert "Choose one" not in box(page, "majority").inner_text()


@pytest.mark.parametrize("told", [True, False], ids=["at once", "when it is saved"])
@pytest.mark.parametrize("choice", ["Keep mine", "Take the one on disk"])
def test_both_versions_are_kept(learn, open_page, choice, told):
    page = open_page()
    edit(page, "majority")
    mine, theirs = learn.answered(majority=RIGHT["majority"]), learn.answered(majority="return <b>")
    page.keyboard.type(RIGHT["majority"])
    learn.write(theirs) if told else learn.file.write_text(theirs)
    if not told:
        page.keyboard.press("Control+s")
    box(page, "majority").get_by_role("alert").filter(has_text="Another program has changed this file").wait_for()
    assert learn.file.read_text() == theirs and unsaved(page)
    shown = page.locator(".editor-conflict pre").inner_text().splitlines()
    assert f"−     {RIGHT['majority']}" in shown and "+     return <b>" in shown
    press(page, "majority", choice)
    says(page, "majority", "is kept in")
    assert page.locator(".editor-conflict").is_hidden() and not unsaved(page)
    kept, written = (theirs, mine) if choice == "Keep mine" else (mine, theirs)
    assert learn.backups() == [kept] and learn.file.read_text() == written
    learn.session.saved({learn.file})
    stands(page, "majority", "passed" if written == mine else "cannot run")
    assert page.complaints == []


def test_file_that_is_gone_is_written_again(learn, open_page):
    page = open_page()
    edit(page, "majority")
    wanted = learn.file.read_text()
    learn.file.unlink()
    learn.session.saved({learn.file})
    says(page, "majority", "not on the disk any more")
    press(page, "majority", "Save and check")
    stands(page, "majority", "to do")
    assert learn.file.read_text() == wanted and not unsaved(page)


def test_file_that_was_gone_and_came_back_is_saved(learn, open_page):
    page = open_page()
    edit(page, "majority")
    text = learn.file.read_text()
    learn.file.unlink()
    learn.session.saved({learn.file})
    says(page, "majority", "not on the disk any more")
    learn.write(text)
    page.wait_for_function("!document.querySelector('.editor-unsaved')")
    page.wait_for_function("!document.querySelector('.editor-note').textContent")


@pytest.mark.parametrize("answer", ["a full disk", "no answer"])
def test_what_cannot_be_saved_is_said_and_kept(learn, open_page, answer):
    page, broken = open_page(), True

    def save(route):
        if not broken:
            route.continue_()
        elif answer == "a full disk":
            route.fulfill(status=500, json={"problem": "The disk is full."})
        else:
            route.abort()

    page.route("**/_live/save", save)  # before anything else: a request right after this may pass by
    edit(page, "xor")
    page.keyboard.type("return 17")
    page.keyboard.press("Control+s")
    said = box(page, "xor").get_by_role("alert").filter(has_text=re.compile("disk is full|does not answer"))
    said.wait_for()
    assert unsaved(page) and "return 17" in page.locator(".cm-content").inner_text()
    broken = False
    page.keyboard.press("Control+s")
    stands(page, "xor", "failed")
    assert box(page, "xor").get_by_role("alert").filter(has_text=re.compile(".")).count() == 0


# Several tabs, and a server that goes


def test_two_tabs_agree(learn, open_page):
    page = open_page()
    other = open_page(context=page.context)
    edit(other, "majority")
    edit(page, "majority")
    page.keyboard.type(RIGHT["majority"])
    page.keyboard.press("Control+s")
    stands(page, "majority", "passed")
    stands(other, "majority", "passed")
    heard(other, "Passed: “A neuron that counts votes”")
    other.locator(".cm-content").filter(has_text=RIGHT["majority"]).wait_for()
    assert not unsaved(other)
    assert other.locator(".live-line").inner_text() == page.locator(".live-line").inner_text()


def test_tab_that_nobody_sees_has_no_stream(learn, open_page):
    page = open_page()
    see = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); "
    see += "document.dispatchEvent(new Event('visibilitychange')) }"
    wait_until(lambda: len(learn.session._listeners) == 1)
    page.evaluate(see, True)
    wait_until(lambda: not learn.session._listeners)
    learn.write(learn.answered(by_hand=RIGHT["by_hand"]))
    page.evaluate(see, False)
    stands(page, "by_hand", "passed")
    heard(page, "Passed: “A neuron with pencil and paper”")


def test_problem_of_deepbook_itself_is_said(learn, open_page):
    page = open_page()
    learn.session.say("The `index.toml` is broken.")
    page.get_by_role("alert").filter(has_text="The index.toml is broken.").wait_for()


def test_server_goes_and_comes_again_with_another_token(learn, open_page):
    page = open_page()
    edit(page, "majority")
    page.keyboard.type(RIGHT["majority"])
    learn.stop()
    says(page, "majority", "does not answer")
    press(page, "majority", "Save and check")
    box(page, "majority").get_by_role("alert").filter(has_text="does not answer").wait_for()
    assert unsaved(page)
    learn.start()
    page.wait_for_function("!document.querySelector('.live-away').textContent")
    says(page, "majority", "is back. What you wrote is not saved yet: save again.")
    assert "does not answer" not in box(page, "majority").inner_text()
    press(page, "majority", "Save and check")
    stands(page, "majority", "passed")
    assert "is back" not in box(page, "majority").inner_text()


def test_two_tabs_with_unsaved_text_keep_both(learn, open_page):
    page = open_page()
    other = open_page(context=page.context)
    for each, text in ((page, "return 17"), (other, "return 18")):
        each.bring_to_front()
        edit(each, "xor")
        each.keyboard.type(text)
        each.wait_for_function(f"Object.values(localStorage).some(each => each.includes('{text}'))")
    assert "Unsaved text" not in box(other, "xor").inner_text()  # it is in a tab that is still open
    page.wait_for_function("Object.values(localStorage).filter(each => /return 1[78]/.test(each)).length === 2")
    page.close(run_before_unload=False)
    other.close(run_before_unload=False)
    for text in ("return 18", "return 17"):
        again = open_page(context=page.context)
        says(again, "xor", "Unsaved text from before was brought back.")
        assert text in again.locator(".cm-content").inner_text()
        press(again, "xor", "Take the file on the disk instead")
        says(again, "xor", "What you had written is kept in")
        again.close()


def test_page_of_an_earlier_server_can_save_at_once(learn, open_page):
    page = open_page()
    edit(page, "majority")
    page.keyboard.type(RIGHT["majority"])
    learn.stop()
    learn.start()
    press(page, "majority", "Save and check")  # before the page has seen that the server is another one
    wait_until(lambda: learn.file.read_text() == learn.answered(majority=RIGHT["majority"]))
    wait_until(lambda: not unsaved(page))


# Everybody


def test_phone(learn, open_page):
    page = open_page(PHONE, has_touch=True, is_mobile=True)
    width = lambda: page.evaluate("document.documentElement.scrollWidth")  # noqa: E731
    learn.write(learn.answered(by_hand=f"print('x' * 300)\n    {WITHOUT_BIAS}"))
    stands(page, "by_hand", "failed")
    assert width() <= PHONE["width"]
    box(page, "majority").get_by_role("button", name="Edit here").tap()
    field = page.locator(".cm-content")
    field.wait_for()
    assert field.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 16
    page.keyboard.type(RIGHT["majority"])
    learn.write(learn.answered(weighted_sum="return '" + "x" * 300 + "'"))
    page.locator(".editor-conflict").wait_for()
    assert width() <= PHONE["width"]
    box(page, "majority").get_by_role("button", name="Keep mine").tap()
    stands(page, "majority", "passed")
    page.locator(".md-header__button[for=__drawer]").tap()
    page.locator(".md-nav--primary .live-count:visible").filter(has_text="1/").wait_for()
    assert width() <= PHONE["width"]


def test_keyboard_alone(learn, open_page):
    page = open_page()
    focused = "document.activeElement.textContent"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "Edit here":
            break
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.cm-content')")
    page.keyboard.type(RIGHT["by_hand"])
    page.keyboard.press("Tab")  # indents, and does not leave
    assert page.evaluate("document.activeElement.matches('.cm-content')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+s")
    stands(page, "by_hand", "passed")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Save and check"
    page.keyboard.press("Shift+Tab")
    page.wait_for_function("document.activeElement.matches('.cm-content')")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("!document.activeElement.closest('.cm-editor')")
    assert page.locator(".editor-help").inner_text().endswith("press Esc and then Tab.")


def test_no_serious_barrier_with_all_of_it_open(learn, open_page):
    axe = need(ROOT / "node_modules" / "axe-core" / "axe.min.js", "axe-core: run `npm ci`")
    need(axe.exists(), "axe-core: run `npm ci`")
    page = open_page()
    learn.write(learn.answered(by_hand=f"print(1)\n    {WITHOUT_BIAS}", xor="return 1  # one"))
    stands(page, "by_hand", "failed")
    edit(page, "majority")
    page.keyboard.type(RIGHT["majority"])
    learn.write(learn.file.read_text() + "# more\n")
    page.locator(".editor-conflict").wait_for()
    stands(page, "by_hand", "failed")
    page.evaluate(axe.read_text(encoding="utf-8"))
    for scheme, name in (("light", "default"), ("dark", "slate")):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("name => document.body.dataset.mdColorScheme === name", arg=name)
        page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
        found = page.evaluate("axe.run(document)")["violations"]
        serious = [
            f"{scheme}: {each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        assert not serious, "\n".join(serious[:10])


def test_a_page_of_the_draft_says_when_the_whole_book_is_there(learn, open_page, monkeypatch):
    monkeypatch.setattr("deepbook.site.live.HEARTBEAT_S", 0.2)
    draft = [True]
    monkeypatch.setattr("deepbook.site.live.is_draft", lambda site: draft[0])
    page = open_page()
    assert page.locator(".live-ready").inner_text() == ""
    later = "insertAdjacentHTML('beforeend', '<p class=run-later>Later</p>')"
    page.evaluate(f"document.querySelector('.md-content__inner').{later}")
    draft[0] = False
    page.locator(".live-ready", has_text="All outputs of the book are computed now").wait_for()
    page.get_by_role("link", name="Load this page again").click()
    connected(page)
    assert page.locator(".run-later").count() == 0
