"""What went wrong, as a sentence that a person can act on; and the exit codes that scripts can act on."""

import errno
import os

PASSED, NOT_PASSED, USAGE, ENVIRONMENT = 0, 1, 2, 3
CODES = (
    "Exit codes: 0 all that was asked for passes; 1 some of it does not; 2 an unknown name or option, or not a "
    "deepbook folder; 3 trouble with the machine (a port, a permission, the disk)."
)


class Problem(Exception):
    """Something that its reader can mend. The message is a whole sentence and says how."""

    code = USAGE


class MachineProblem(Problem):
    """The machine stands in the way: a port, a permission, the disk."""

    code = ENVIRONMENT


def from_os(error: OSError) -> MachineProblem:
    """The sentence for an error of the file system."""
    path = error.filename or "a file"
    full = {errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG}
    if error.errno in full:
        return MachineProblem(
            f"The disk is full: {path} could not be written. Your files are as they were. Free some space "
            "(`deepbook doctor` shows how much is left), then run the same command again."
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return MachineProblem(
            f"There is no permission to write or read {path}. Your files are as they were. Check to whom the folder "
            "belongs, or make one of your own with `deepbook start DIR`."
        )
    return MachineProblem(f"{error.strerror or error}: {path}. `deepbook doctor` looks at this machine for you.")


def short(path, start=None) -> str:
    """A path as one would type it here: relative where that is shorter."""
    try:
        relative = os.path.relpath(path, start)
    except ValueError:  # another drive
        return str(path)
    return relative if len(relative) < len(str(path)) else str(path)
