"""Which of the files that a student handed in is which answer."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from deepbook.course.index import book_root, load_index
from deepbook.grading.course import Assignment
from deepbook.grading.tree import Item, same

CHAPTER = re.compile(r"ch\d\d(_\w+)?")
COPY = re.compile(r"(?P<stem>.+?)(?:-\d+| ?\(\d+\)|[ _-]*copy(?: \d+)?)?\.py", re.IGNORECASE)


@dataclass(frozen=True)
class Files:
    """The names of the files that are read: "ch01_perceptron/neuron.py", …"""

    asked: tuple[str, ...]  # of the assignment's sets
    others: tuple[str, ...] = ()  # of the book's other sets

    @classmethod
    def of(cls, assignment: Assignment) -> "Files":
        asked = tuple(each.file for each in assignment.index.sets)
        every = (each.file for each in load_index(book_root() / "exercises").sets)
        return cls(asked, tuple(file for file in every if file not in asked))


def choose(items: list[Item], files: Files, notes: list[str]) -> dict[str, Item]:
    """For each file that is asked for the item that is it.

    First by its chapter's folder, wherever that lies; what is not found so, by its name alone, where only one chapter
    has such a file. Of several copies: the one in the folder with the most answers; the least deep; the newest.
    """
    by_folder, lone = defaultdict(list), defaultdict(list)
    every = (*files.asked, *files.others)
    wanted = {same(file): file for file in every}
    for item in items:
        parent = item.place[-2] if len(item.place) > 1 else ""
        if file := wanted.get(same(f"{parent}/{item.name}")):
            by_folder[file].append(item)
        elif not CHAPTER.fullmatch(parent) and (match := COPY.fullmatch(item.name)):
            lone[same(match["stem"])].append(item)
    complete = defaultdict(int)
    for several in by_folder.values():
        for root in {item.place[:-2] for item in several}:
            complete[root] += 1
    found = {}
    for file in every:
        stem = same(Path(file).stem)
        if file in by_folder:
            found[file] = _best(by_folder[file], file, complete, notes)
        elif stem in lone and file in files.asked:
            rivals = [other for other in files.asked if same(Path(other).stem) == stem]
            if len(rivals) == 1:
                found[file] = _best(lone[stem], file, {}, notes)
            else:
                where = " or ".join(str(Path(other).parent) for other in rivals)
                notes.append(f"{lone[stem][0].path} may belong to {where}: hand it in within its folder.")
    return found


def _best(several: list[Item], file: str, complete, notes) -> Item:
    def rank(item):
        exact = item.name == Path(file).name
        return (
            bool(item.refused),
            -complete.get(item.place[:-2], 0),
            len(item.place),
            not exact,
            -item.time,
            item.place,
        )

    best = min(several, key=rank)
    if len([item for item in several if not item.refused]) > 1:
        notes.append(f"{file} is there {len(several)} times; {best.path} was taken.")
    return best
