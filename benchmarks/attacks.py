"""What do hostile submissions get? Every attack of tests/attacks against every jail of this machine and plain pytest.

    python benchmarks/attacks.py                       # all attacks, all tiers: about half an hour
    python benchmarks/attacks.py --kinds network walls --tiers landlock
    python benchmarks/attacks.py --record              # keep the table for the instructor's guide

The same files are graded by `deepbook grade`, once in each jail, and, as a control, by pytest in a folder into which
they were copied. "holds": no credit, nothing left or read outside, and honest work after it takes full marks.
"credit": points for a wrong answer. "trace": something was written, read, reached or left running outside. "stops":
no results at all. "not run": without a jail it could hurt this machine.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HELPERS = Path(__file__).resolve().parent.parent / "tests" / "helpers"


def measure(attacks, tiers, plain: bool) -> list[dict]:
    """A row for each attack: its name, its kind, and what it got from each grader."""
    from arena import Arena
    from outcomes import under_pytest

    rows = []
    with tempfile.TemporaryDirectory(prefix="deepbook-arena-") as folder, Arena(Path(folder)) as arena:
        for attack in attacks:
            began = time.monotonic()
            row = {"attack": attack.name, "kind": attack.kind, "tries": attack.tries}
            if plain:
                with tempfile.TemporaryDirectory() as place:
                    got = "not run" if attack.walls else under_pytest(attack, arena, Path(place) / "exercises")
                row["plain"] = got if isinstance(got, str) else ", ".join(sorted(got)) or "nothing"
            for tier in tiers:
                row[tier] = verdict(attack, arena, tier)
            rows.append(row)
            print(*(f"{value:14}" for key, value in row.items() if key != "tries"), f"{time.monotonic() - began:.1f} s")
    return rows


def verdict(attack, arena, tier) -> str:
    """What the attack gets in this jail; and whether honest work after it is hurt."""
    from outcomes import graded, let_loose

    if attack.walls and tier == "none":
        return "not run"
    found = let_loose(attack, arena, tier)
    got = ["credit"] if found.credit else []
    got += ["trace"] if found.traces else []
    for trace in found.traces:
        print(f"  {attack.id} in {tier}: {trace}", file=sys.stderr)
    record = graded(arena.honest("learning"), arena.assignment("learning"), tier)
    got += [] if record["score"] == record["max"] and record["status"] == "ok" else ["hurts others"]
    return ", ".join(got) or "holds"


def summary(rows, tiers) -> dict:
    """How many attacks got what, by grader."""
    graders = [each for each in ("plain", *tiers) if each in rows[0]]
    return {each: dict(Counter(row[each] for row in rows).most_common()) for each in graders}


def show(rows, tiers):
    from rich.console import Console
    from rich.table import Table

    graders = [each for each in ("plain", *tiers) if each in rows[0]]
    shown = Table("attack", "kind", *("plain pytest" if each == "plain" else each for each in graders))
    for row in rows:
        shown.add_row(row["attack"], row["kind"], *(row[each] for each in graders))
    Console(width=130).print(shown)
    for grader, counts in summary(rows, tiers).items():
        print(f"{grader}: {', '.join(f'{number} {what}' for what, number in counts.items())}")


def main():
    sys.path.insert(0, str(HELPERS))
    from attacks import load

    from deepbook import labs
    from deepbook.grading import jail

    attacks = load()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=dict.fromkeys(each.kind for each in attacks), help="else all")
    parser.add_argument("--names", nargs="+", help="only these attacks")
    parser.add_argument("--tiers", nargs="+", choices=jail.TIERS, help="else all that this machine has")
    parser.add_argument("--no-control", action="store_true", help="leave plain pytest out")
    parser.add_argument("--record", action="store_true", help="keep the table in chapters/results/attacks.json")
    options = parser.parse_args()
    missing = {tier: reason for tier, reason in jail.available().items() if reason}
    tiers = [tier for tier in options.tiers or jail.TIERS if tier not in missing]
    for tier, reason in missing.items():
        print(f"left out: {tier}: {reason}")
    attacks = [each for each in attacks if not options.kinds or each.kind in options.kinds]
    attacks = [each for each in attacks if not options.names or each.name in options.names]
    began = time.perf_counter()
    rows = measure(attacks, tiers, not options.no_control)
    show(rows, tiers)
    if options.record:
        run = {"command": "python benchmarks/attacks.py --record", **labs.where(time.perf_counter() - began)}
        found = {"attacks": rows, "summary": summary(rows, tiers), "tiers": tiers, "left_out": missing, "run": run}
        print(f"recorded: {labs.save_result('attacks', found)}")


if __name__ == "__main__":
    main()
