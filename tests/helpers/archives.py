"""What a hostile student may hand in as a file: links, devices, and zips that lie. Each builder makes one submission.

`build(place, goal)`: place is the folder of all submissions; goal["secret"] and goal["zoe"] are files that the student
may not read, goal["outside"] is a folder in which nothing may appear.
"""

import io
import os
import socket
import stat
import struct
import zipfile
from pathlib import Path

ANSWERS = "ch01_perceptron/learning.py"
STUB = b"def update(W, b, x, y, lr): return 7\n"


def zipped(place: Path, entries, name="mallory.zip", **how):
    with zipfile.ZipFile(place / name, "w", how.pop("compression", zipfile.ZIP_DEFLATED), **how) as file:
        for entry, content in entries:
            file.writestr(entry, content)


def folder(place: Path) -> Path:
    (place / "mallory" / "ch01_perceptron").mkdir(parents=True)
    return place / "mallory" / ANSWERS


def zip_slip(place, goal):
    """writes outside of its folder by `..`, absolute paths, drives and backslashes"""
    outside = goal["outside"]
    names = [
        f"../{outside.name}/slip",
        f"{outside}/slip",
        "C:\\slip",
        "..\\..\\slip",
        f"ch01_perceptron/../../{outside.name}/s",
    ]
    zipped(place, [(name, b"x") for name in names] + [("../zoe/" + ANSWERS, STUB), (ANSWERS, STUB)])


def zip_bomb(place, goal):
    """unpacks to ten gigabytes"""
    zipped(place, [(ANSWERS, bytes(200 << 20)), ("ch01_perceptron/neuron.py", bytes(100 << 20))])


def zip_of_zips(place, goal):
    """holds zips that hold zips"""
    inner = STUB
    for level in range(6):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
            for number in range(10):
                file.writestr(f"{number}.zip" if level else f"{number}/{ANSWERS}", inner)
        inner = content.getvalue()
    (place / "mallory.zip").write_bytes(inner)


def zip_that_overlaps(place, goal):
    """lets five thousand entries share the same compressed bytes"""
    zipped(place, [(ANSWERS, bytes(1 << 20))])
    content = (place / "mallory.zip").read_bytes()
    end = content.rindex(b"PK\5\6")
    _, size, start = struct.unpack("<HII", content[end + 10 : end + 20])
    entry = content[start : start + size]
    entries = b"".join(entry.replace(b"learning.py", b"l%06d.py" % n + b"x") for n in range(5000))
    closing = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 5000, 5000, len(entries), start, 0)
    (place / "mallory.zip").write_bytes(content[:start] + entries + closing)


def zip_with_links(place, goal):
    """holds symbolic links to secrets in place of answers"""
    entries = []
    for name, target in ((ANSWERS, goal["secret"]), ("ch01_perceptron/neuron.py", "../../zoe/" + ANSWERS)):
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        entries.append((entry, str(target)))
    device = zipfile.ZipInfo("ch01_perceptron/logistic.py")
    device.create_system, device.external_attr = 3, (stat.S_IFCHR | 0o666) << 16
    zipped(place, [*entries, (device, b"")])


def zip_that_lies(place, goal):
    """gives other sizes, checksums, methods and names in its directory than in front of its data"""
    zipped(place, [(ANSWERS, STUB * 9), ("x.py", STUB)], compression=zipfile.ZIP_STORED)
    content = bytearray((place / "mallory.zip").read_bytes())
    start = content.index(b"PK\1\2")
    content[start + 16 : start + 28] = struct.pack("<III", 7, 2**31, 2**31)
    (place / "mallory.zip").write_bytes(content)


def zip_cut_off(place, goal):
    """ends in the middle, has a password, and says it has 65,535 entries"""
    zipped(place, [(ANSWERS, os.urandom(5000))])
    content = bytearray((place / "mallory.zip").read_bytes())
    content[6] |= 1
    end = content.rindex(b"PK\5\6")
    content[end + 8 : end + 12] = b"\xff" * 4
    del content[1000:3000]
    (place / "mallory.zip").write_bytes(content)


def zip_twins(place, goal):
    """holds several files of the same name, in other cases and other Unicode forms"""
    names = [
        ANSWERS,
        ANSWERS,
        ANSWERS.upper(),
        "ch01_perceptron/learning.py\0.txt",
        "ch01_perceptron//learning.py",
        "./" + ANSWERS,
    ]
    zipped(place, [(name, STUB + b"# %d" % n) for n, name in enumerate(names)])


def zip_of_another(place, goal):
    """holds folders, rosters and metadata that call themselves another student's"""
    metadata = b"zoe:\n  :submitters:\n  - :name: zoe\n  :created_at: 1999-01-01 00:00:00 Z\n"
    entries = [
        ("zoe/" + ANSWERS, STUB),
        ("students.csv", b"id,name,submitted\nmallory,zoe,1999-01-01T00:00:00Z\nzoe,zoe,\n"),
    ]
    zipped(place, [*entries, ("submission_metadata.yml", metadata), ("course.toml", b'secret = "00"')])


def symbolic_links(place, goal):
    """has symbolic links to secrets, to another student's work and to itself"""
    answers = folder(place)
    answers.symlink_to(goal["secret"])
    (answers.parent / "neuron.py").symlink_to(goal["zoe"])
    (place / "mallory" / "loop").symlink_to(place / "mallory")
    (place / "mallory" / "root").symlink_to("/")
    (place / "marvin").mkdir()
    (place / "marvin" / "ch01_perceptron").symlink_to(goal["zoe"].parent)


def linked_student(place, goal):
    """is itself a symbolic link to another student's folder"""
    (place / "mallory").symlink_to(goal["zoe"].parent.parent)


def hard_links(place, goal):
    """has a hard link to another student's work"""
    os.link(goal["zoe"], folder(place))


def devices(place, goal):
    """has named pipes, sockets and devices in place of answers"""
    answers = folder(place)
    os.mkfifo(answers)
    for name, device in (("neuron.py", (1, 5)), ("logistic.py", (1, 3))):
        try:
            os.mknod(answers.with_name(name), stat.S_IFCHR | 0o666, os.makedev(*device))
        except OSError:
            continue
    with socket.socket(socket.AF_UNIX) as line:
        here = os.getcwd()
        os.chdir(answers.parent)
        line.bind("digits.py")
        os.chdir(here)


def many_files(place, goal):
    """has thirty thousand files and folders a thousand deep"""
    answers = folder(place)
    deep = place / "mallory"
    here = os.getcwd()
    os.chdir(deep)
    for _ in range(1000):
        os.mkdir("a")
        os.chdir("a")
    os.chdir(here)
    for number in range(5000):
        (answers.parent / f"{number}.py").touch()
    zipped(place, [(f"{n}.py", b"") for n in range(30000)], "mallory2.zip")


def huge_file(place, goal):
    """has an answer of a terabyte"""
    with open(folder(place), "wb") as file:
        file.truncate(1 << 40)


def odd_names(place, goal):
    """is called like a formula, a script, a device, a control sequence, and like nothing"""
    names = ['=cmd|"/C calc"!A1', "<script>alert(1)<|script>", "CON", "a\nb", "\x1b[2J", "\u202egnp", " ", "-rf", "~",
             "aux.", "x" * 250, "\u200b", "ZOE", "zoe\u0301", "%2e%2e", "$(id)", "grades", "batch.json"]  # fmt: skip
    for name in [*map(os.fsencode, names), b"\xff\xfe"]:
        path = os.path.join(os.fsencode(place), name, b"ch01_perceptron")
        os.makedirs(path)
        with open(os.path.join(path, b"learning.py"), "wb") as file:
            file.write(STUB)


BUILDERS = [
    *(zip_slip, zip_bomb, zip_of_zips, zip_that_overlaps, zip_with_links, zip_that_lies, zip_cut_off, zip_twins),
    *(zip_of_another, symbolic_links, linked_student, hard_links, devices, many_files, huge_file, odd_names),
]
