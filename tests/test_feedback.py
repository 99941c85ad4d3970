"""What students and instructors read: nothing of a student's text is obeyed, nothing of a hidden test is told."""

import io
import re
from datetime import datetime
from html.parser import HTMLParser

import markdown as python_markdown
import pytest
import records as made_up
from markdown_it import MarkdownIt

from deepbook.grading import feedback, report, safe, table
from deepbook.grading.course import Assignment
from deepbook.grading.late import Late

DUE = datetime.fromisoformat("2026-12-01T23:59:00+08:00")
ASSIGNMENT = Assignment("Homework 1", ("ch01/neuron",), due=DUE, late=Late.parse("10% a day, at most 5 days"))
STUDENTS = [student[0] for student in made_up.STUDENTS]
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "h1",
    "h2",
    "h3",
    "p",
    "bdi",
    "pre",
    "code",
    "ul",
    "li",
}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "dir"}
RENDERED = {"h1", "h2", "h3", "p", "code", "pre", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}


class Reader(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.open = set(), set(), [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "a tag is closed that was not open"

    def handle_data(self, text):
        self.texts.append(text)


def html(record, assignment=ASSIGNMENT):
    return feedback.html(record, assignment)


def says(record, assignment=ASSIGNMENT):
    """What a reader of the Markdown sees, on one line."""
    return " ".join(feedback.markdown(record, assignment).split())


# ------------------------------------------------------------------ safe


@pytest.mark.parametrize("student", STUDENTS)
def test_html_has_only_our_tags(student):
    page = Reader(html(made_up.by_id(student)))
    assert page.tags <= TAGS and page.attributes <= ATTRIBUTES and page.open == []


def test_html_asks_nobody_and_runs_nothing():
    page = html(made_up.by_id("html"))
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert not re.search(r"<[^>]*\s(src|href|on\w+)\s*=", page)


def test_html_shows_what_the_student_wrote():
    text = "".join(Reader(html(made_up.by_id("html"))).texts)
    assert "<script>alert(1)</script>" in text and "</pre></table></body>" in text and "&" in text


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("page", [feedback.html, feedback.markdown])
def test_nothing_is_left_that_a_terminal_or_browser_obeys(student, page):
    text = page(made_up.by_id(student), ASSIGNMENT)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", text)
    text.encode()
    if student == "html":
        assert "␛[2J" in text and "⟨U+202E⟩" in text


@pytest.mark.parametrize("student", STUDENTS)
def test_markdown_makes_no_html_links_or_images(student):
    """As CommonMark, as GitHub's tables and links make it, and as Python-Markdown does."""
    record = made_up.by_id(student)
    record["notes"] = [*record["notes"], "` <b> [x](y)", "# a\n# b", ""]
    text = feedback.markdown(record, ASSIGNMENT)
    github = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
    pages = [github.render(text), python_markdown.markdown(text, extensions=["tables"])]
    for page in pages:
        read = Reader(page)
        assert read.tags <= RENDERED and not read.attributes - {"style"}
    for line in text.splitlines():  # where a name or an address would become a link
        if "evil.example" in line:
            assert line.startswith("    ") or re.match(r"(- |For )(`+) ?[^`]", line)


@pytest.mark.parametrize("text", ["`", "``a`", "` `", "a`", "", " ", "\n", "|", "\\", "<!--", "&lt;"])
def test_code_is_one_piece_of_code(text):
    for render in (MarkdownIt("commonmark").render, python_markdown.markdown):
        page = Reader(render(f"x {safe.code(text)} y"))
        assert page.tags == {"p", "code"}
        shown = "".join(page.texts).strip()
        assert shown.startswith("x") and shown.endswith("y") and (text.strip() or "(empty)") in shown


def test_block_keeps_every_line_inside():
    text = "a\n\n# head\n- item\n\x0c# form feed\r# return\u2028# separator\n" + "long " * 100 + "\n\ttab\n    code"
    lines = safe.block(text).split("\n")
    assert all(line.startswith("    ") for line in lines) and max(map(len, lines)) <= 100
    assert "        code" in lines
    assert safe.block(" \n ") == ""


def test_visible_shows_what_would_be_obeyed():
    assert safe.visible("a\x1b[31mb\x00\x7f\x9b\r\nc\td") == "a␛[31mb␀␡⟨U+009B⟩\nc\td"
    assert safe.visible("\u202eevil\u2066\u200f\ufeff\u2028") == "⟨U+202E⟩evil⟨U+2066⟩⟨U+200F⟩⟨U+FEFF⟩⟨U+2028⟩"
    assert safe.visible("王小明 é 👩\u200d🔬 می\u200cخواهم") == "王小明 é 👩\u200d🔬 می\u200cخواهم"
    assert len(safe.visible("z" + "\u0301" * 1000)) < 10
    assert safe.visible("x" * 100, 10) == f"{'x' * 10}… (90 letters more)"
    assert safe.visible("\ud800") == "⟨U+D800⟩" and safe.visible(None) == ""


def test_write_stays_in_its_folder(tmp_path):
    record = made_up.by_id("ana")
    for name in ("../../ana", "/etc/passwd", "a" * 500, "", "ana"):
        record["student"]["id"] = name
        paths = feedback.write(record, ASSIGNMENT, tmp_path / "grades")
        assert {path.resolve().parent for path in paths} == {tmp_path / "grades/feedback"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grades"]
    assert (tmp_path / "grades/feedback/ana.html").is_file() and (tmp_path / "grades/feedback/ana.md").is_file()


# ------------------------------------------------------------------ what is told


@pytest.mark.parametrize("page", [feedback.html, feedback.markdown])
def test_tests_that_students_do_not_have_tell_nothing(page):
    """Not their messages, not the exercise's, not what was printed: a hostile student wrote the inputs into all."""
    record = made_up.unseen()
    record["printed"] = made_up.SECRET
    text = page(record, ASSIGNMENT)
    assert made_up.SECRET not in text and "0.12345" not in text
    assert "not the same tests with other inputs" in " ".join(text.split())
    assert "Far points are moved too." in " ".join(text.split())  # what the hidden test's docstring says


def test_a_visible_failure_goes_first_and_says_what_it_says_at_home():
    record = made_up.by_id("bo")
    record["exercises"][1]["tests"].reverse()  # the drawn one failed before it
    text = says(record)
    assert "## Mend first: XOR from three neurons" in text and "bo gave 3; expected 4." in text
    assert "pytest --only ch01/xor`" in text and made_up.SECRET not in text


def test_printed_is_shown_where_it_can_tell_nothing():
    record = made_up.by_id("bo")
    record["printed"] = "my debugging"
    assert "my debugging" not in says(record) and "It is not shown here" in says(record)
    record["printed_in"] = "visible"
    assert "my debugging" in says(record)
    del record["printed_in"]
    for each in record["exercises"]:
        each["tests"] = [test for test in each["tests"] if test["kind"] == "visible"]
    assert "my debugging" in says(record) and "my debugging" in html(record)


def test_what_was_not_begun_comes_after_what_fails():
    record = made_up.by_id("bo")
    record["exercises"][1].update(status="todo")
    record["exercises"][2].update(status="failed")
    assert "## Mend first: The update" in says(record)
    record["exercises"][2].update(status="todo")
    assert "## Next: XOR from three neurons" in says(record)


def test_what_several_exercises_have_in_common_is_said_once():
    """A file that cannot be read fails all of its exercises with one message."""
    record = made_up.by_id("bo")
    for each in record["exercises"]:
        each.update(status="broken", score=0.0)
        for test in each["tests"]:
            test.update(passed=False, message="line 3: Python cannot read this line.")
    text = says(record)
    assert text.count("line 3: Python cannot read") == 1
    assert "The same goes for: XOR from three neurons; The update." in text


def test_a_file_that_was_forgotten_is_named():
    record = made_up.by_id("ana")
    record["exercises"][2].update(status="missing", message="ch01_perceptron/learning.py is missing.", score=0.0)
    text = says(record)
    assert "## Next: The update" in text and "learning.py is missing." in text
    assert "Next" not in says(made_up.by_id("none"))  # nothing was handed in: that is said once


def test_score_count_and_praise():
    text = says(made_up.by_id("ana"))
    assert "**6 of 6 points (100%). 3 of 3 exercises pass.**" in text and "Well done." in text and "in time." in text
    assert "Mend first" not in text and "Well done" not in says(made_up.by_id("bo"))


def test_the_late_policy_is_said_in_words():
    text = says(made_up.by_id("bo"))
    assert "Handed in 2026-12-03 23:30 (UTC+08:00), 2 days late (a day begun counts as one)." in text
    assert "The rule for late work is: 10% a day, at most 5 days. The score was 1 before that." in text
    assert "after the last day that counts" in says(made_up.by_id("long"))
    record = made_up.by_id("bo")
    record.update(score=record["raw"])
    assert "It costs nothing." in says(record) and "late" not in says(made_up.by_id("cmd"))
    assert "2 days late" in says(made_up.by_id("bo"), None)
    hourly = Assignment("x", (), due=DUE, late=Late.parse("1% an hour"))
    record["late"]["days"] = 1
    assert "1 hour late (an hour begun counts as one)" in says(record, hourly)


def test_the_jail_is_named():
    assert "a jail (“bubblewrap”)" in says(made_up.by_id("ana"))
    assert "without a jail" in says({**made_up.by_id("ana"), "jail": "none"})
    assert "jail" not in says(made_up.by_id("none"))  # nothing ran


@pytest.mark.parametrize("status", ["timeout", "memory", "crash", "protocol", "missing", "late"])
def test_each_status_is_a_sentence(status):
    record = made_up.by_id("ana")
    record["status"] = status
    assert feedback.WHOLE[status] in says(record) and feedback.WHOLE[status] in html(record)


def test_who_is_missing_reads_why():
    record = made_up.by_id("none")
    record["notes"] = []
    assert "See the notes" not in says(record) and "then hand" not in says(record) and "Hand in again." in says(record)
    record["notes"] = ["A notebook is no answer file: hand in the .py files, such as neuron.py."]
    assert "See the notes below, then hand in again." in says(record) and "A notebook is no" in says(record)
    assert report.missing([record]).rows == [("none", record["notes"][0])]
    assert "1 student (1 handed in no file of the assignment); nobody" in report.summary([record])
    record["notes"] = ["Nothing was handed in."]
    assert feedback.NO_WORK in says(record) and "Notes" not in says(record) and "No file of" not in says(record)
    assert report.missing([record]).rows == [("none", "Nothing was handed in.")]


@pytest.mark.parametrize(
    "message, asks",
    [
        ("One voter decides. Your answer does not pass.", " It asks: One voter decides."),
        ("One voter decides Your answer takes too much memory.", " It asks: One voter decides."),
        ("Your answer ends Python itself.", ""),
        ("Is your answer right? Your answer is still to do.", " It asks: Is your answer right?"),
        ("", ""),
        (
            "It decides It needs another of your files. Mend x.py.",
            " It asks: It decides. It needs another of your files. Mend x.py.",
        ),
        ("It needs another of your files. Mend x.py.", " It needs another of your files. Mend x.py."),
    ],
)
def test_a_hidden_test_asks_what_its_docstring_says(message, asks):
    said = feedback.unseen([{"kind": "hidden", "message": message}])
    assert said == f"It passes the tests that you have, but not one of your instructor's own.{asks}"


def test_notes_of_the_intake_are_told():
    record = made_up.by_id("ana")
    record["notes"] = ["notes.txt was ignored: the assignment does not ask for it."]
    assert "- `notes.txt was ignored" in feedback.markdown(record, ASSIGNMENT)
    assert "<li>notes.txt was ignored" in html(record)


def test_a_long_message_is_cut():
    record = made_up.by_id("bo")
    for each in record["exercises"]:
        for test in each["tests"]:
            test["message"] = "x" * 100_000
    assert len(feedback.markdown(record, ASSIGNMENT)) < 10_000 and "letters more" in says(record)


@pytest.mark.browser
def test_html_fits_a_phone_and_the_dark(chromium, tmp_path):
    """Nothing sticks out at 360 pixels, also not a name without spaces; text stands out from the page."""
    record = made_up.by_id("html")
    record["student"]["name"] = "x" * 200
    record["exercises"][0]["tests"][0]["message"] = "y" * 500
    paths = feedback.write(record, ASSIGNMENT, tmp_path)
    for scheme in ("light", "dark"):
        page = chromium.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
        asked, said = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(paths[1].as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert asked == [paths[1].as_uri()] and said == []
        for where in ("body", ".good", ".bad", "pre"):
            assert page.evaluate(CONTRAST, where) >= 4.5, (scheme, where)
        page.close()


CONTRAST = """where => {
  const luminance = colour => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const element = document.querySelector(where);
  let behind = element;
  while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const both = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(luminance);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


# ------------------------------------------------------------------ the report


def test_report_counts_scores_exercises_mistakes_and_statuses(tmp_path):
    records = made_up.records()
    path = report.write(records, ASSIGNMENT, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert "9 students, 8 handed in." in text
    assert [row[1] for row in report.distribution(records).rows] == [3, 2, 0, 0, 0, 1, 0, 1, 0, 0, 1]
    hard = report.hardest(records).rows
    assert [row[0] for row in hard] == ["ch01/xor", "ch01/update", "ch01/weighted_sum"]
    assert [row[1] for row in hard] == ["38%", "50%", "62%"] and hard[1][2] == "88%"
    assert report.mistakes(records).rows[0][:2] == ("forgets_the_bias (ch01/update)", 2)
    assert {row[0]: row[1] for row in report.statuses(records).rows}["ok"] == 3
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "report.svg").read_text()
    tables = MarkdownIt("commonmark").enable("table").render(text)
    assert tables.count("<table>") == 5 and 'src="report.png"' in tables


def test_report_is_the_same_for_the_same_records(tmp_path):
    one, two = report.plot(made_up.records()), report.plot(list(reversed(made_up.records())))
    assert one == two and report.markdown(made_up.records()) == report.markdown(made_up.records()[::-1])


def test_report_of_a_class_that_handed_in_nothing(tmp_path, capsys):
    records = [made_up.by_id("none")]
    assert "nobody has handed in yet" in report.markdown(records)
    report.write(records, None, tmp_path)
    report.show(records)
    assert "1 student; nobody" in capsys.readouterr().out


def test_report_knows_the_teachers_sentences():
    """For every known mistake of the book, without running the file."""
    from deepbook.course.mistakes import mistakes_of

    known = mistakes_of("ch01_perceptron")
    found = report.sentences("ch01_perceptron")
    assert known and {each.name: found[each.name] for each in known} == {each.name: each.sentence for each in known}
    assert report.sentences("no_such_chapter") == {}


def test_report_is_printed_for_people_and_for_programs(capsys):
    report.show(made_up.records())
    out = capsys.readouterr().out
    assert "Hardest exercises" in out and "ch01/xor" in out and "\x1b" not in out


def test_report_in_a_terminal(monkeypatch):
    from rich.console import Console

    out = Console(file=io.StringIO(), force_terminal=True, width=80, no_color=True)
    monkeypatch.setattr("deepbook.course.tell.console", lambda: out)
    records = made_up.records()
    records[0]["exercises"][1]["title"] = "[bold]no markup[/bold]"
    report.show(records)
    text = out.file.getvalue()
    assert "Commonest mistakes" in text and "[bold]no markup[/bold]" in text
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in text.splitlines()) <= 80


def test_percent_of_nothing_is_full():
    assert table.percent({"score": 0, "max": 0}) == 100
