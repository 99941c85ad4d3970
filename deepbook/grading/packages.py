"""What a jail may read: the interpreter, the system's libraries, and the packages that an exercise may import.

A submission that could import deepbook, or read `solutions/`, would have the answers. So this is a list of what is
allowed, taken from the requirements of JAX, NumPy and cloudpickle, and of nothing else in site-packages.
"""

import os
import re
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from deepbook.course.errors import MachineProblem

ALLOWED = ("jax", "numpy", "cloudpickle", "flatbuffers")  # and what these require
INSTALLED = ("site-packages", "dist-packages")  # where pip puts packages; in some Pythons inside the standard library
SYSTEM = ("/etc/ld.so.cache", "/etc/alternatives")  # where the loader finds libraries
SYSTEM += ("/proc/cpuinfo", "/sys/devices/system/cpu")  # what XLA's libraries ask about the processor


@dataclass(frozen=True)
class Readable:
    """What a jail may read, as real paths."""

    python: str  # the interpreter's program
    modules: dict[str, str]  # name of a package -> its folder, or its file
    folders: tuple[str, ...]  # to bind as they are
    hidden: tuple[str, ...]  # folders inside those that are not to be seen
    rules: tuple[tuple[str, str], ...]  # (path, "read" or "list"): exactly what may be opened, for Landlock
    open_to_all: bool  # whether another user could reach all of it


@cache
def readable() -> Readable:
    """Looked up once: what this Python and its packages consist of. Raises MachineProblem if a package is missing."""
    modules, libraries = {}, []
    for name in sorted(required(ALLOWED)):
        found = contents(metadata.distribution(name))
        modules.update({path.name.split(".")[0]: path for path in found if not path.name.endswith(".libs")})
        libraries += [path for path in found if path.name.endswith(".libs")]
    packages = [*modules.values(), *libraries]
    stdlib = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix})).resolve()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    system = [*shared_libraries(), *Path(sys.base_prefix, "lib").resolve().glob("libpython*.so*")]
    system += [path for path in map(Path, SYSTEM) if path.exists()]
    folders = unique(path.resolve() for path in (*system, python, stdlib, *packages))
    hidden = [path for folder in (stdlib, *system) for path in installed(folder)]
    rules = [rule for folder in folders for rule in rules_for(Path(folder), hidden)]
    return Readable(
        python=str(python),
        modules={name: str(path) for name, path in modules.items()},
        folders=tuple(folders),
        hidden=tuple(unique(hidden)),
        rules=tuple(dict.fromkeys(rules)),
        open_to_all=all(others_can_read(path) for path in (python, stdlib, *packages)),
    )


def required(names) -> set[str]:
    """These distributions and all that they require, without extras."""
    found, todo = set(), list(names)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        try:
            wanted = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            raise MachineProblem(f"The package {name} is not installed: pip install {name}") from None
        found.add(name)
        todo += [re.match(r"[\w.-]+", line).group() for line in wanted if "extra ==" not in line.partition(";")[2]]
    return found


def contents(distribution) -> list[Path]:
    """The folders and single modules that a distribution put into site-packages, without its .dist-info."""
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}
    paths = [Path(distribution.locate_file(name)).resolve() for name in sorted(tops)]
    return [path for path in paths if path.suffix not in (".dist-info", ".egg-info", ".pth") and is_module(path)]


def is_module(path: Path) -> bool:
    return path.exists() and path.name != "__pycache__" and (path.is_dir() or path.suffix in (".py", ".so"))


def installed(folder: Path) -> list[Path]:
    """The folders for installed packages in `folder`, or in the Pythons in it (/usr/lib/python3/dist-packages)."""
    return [
        path for name in INSTALLED for pattern in (name, f"python*/{name}") for path in sorted(folder.glob(pattern))
    ]


def rules_for(folder: Path, hidden: list[Path]):
    """What to allow so that all of `folder` may be read but not what is hidden in it."""
    if not any(folder in path.parents for path in hidden):
        yield str(folder), "read"
        return
    yield str(folder), "list"
    for path in sorted(folder.iterdir()):
        if path not in hidden and path.exists():
            yield from rules_for(path, hidden)


def shared_libraries() -> list[Path]:
    """The system's folders of shared libraries. Debian's /usr/lib holds much else: there it is the inner folder."""
    inner = sysconfig.get_config_var("MULTIARCH")
    places = (
        [f"/usr/lib/{inner}", f"/lib/{inner}"] if inner and Path("/usr/lib", inner).is_dir() else ["/usr/lib", "/lib"]
    )
    return [Path(place) for place in unique([*places, "/usr/lib64", "/lib64"]) if Path(place).is_dir()]


def unique(items) -> list[str]:
    """The items as texts, each once, in their order."""
    return list(dict.fromkeys(map(str, items)))


def others_can_read(path: Path) -> bool:
    """Whether any user could read `path`: each folder above it may be entered, and it may itself be read."""
    above = all(os.stat(folder).st_mode & 0o001 for folder in path.parents)
    return above and bool(os.stat(path).st_mode & 0o004)
