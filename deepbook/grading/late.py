"""What handing in late costs: a policy in words, such as "10% a day, at most 5 days", and its arithmetic."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

EXAMPLES = (
    "“none”, “not accepted”, “10% a day”, “10% a day, at most 5 days”, “5% an hour, at most 50%, grace 15 minutes”"
)
NUMBER = r"(\d{1,6}(?:\.\d{1,6})?)"
RATE = re.compile(rf"{NUMBER}\s*%\s*(?:a|an|per|each|every|/)\s*(day|hour)")
MOST_TIME = re.compile(r"(?:at most|up to|max\.?|maximum)\s+(\d{1,5})\s*(day|hour)s?")
MOST_COST = re.compile(rf"(?:at most|up to|max\.?|maximum)\s+{NUMBER}\s*%")
GRACE = re.compile(
    r"(?:grace(?: of| period of)?\s+(\d{1,5})\s*(min|minute|hour)s?|(\d{1,5})\s*(min|minute|hour)s?\s+grace)"
)
UNITS = {
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


@dataclass(frozen=True)
class Late:
    """A late policy. Percentages are of the assignment's maximum, as in Canvas, and never take a score below 0."""

    percent: Fraction = Fraction(0)  # for each day (or hour) begun
    each: str = "day"
    most: timedelta | None = None  # later than this is not accepted: the score is 0
    most_percent: Fraction = Fraction(100)  # what lateness costs at most
    grace: timedelta = timedelta(0)  # this much late is not late; beyond it, the time counts from the due date
    text: str = "none"

    @classmethod
    def parse(cls, text: str) -> "Late":
        """Read a policy in words. Raises ValueError, with examples, if a part of it is not understood."""
        found, clean = {}, " ".join(text.lower().replace(";", ",").split())
        for part in filter(None, map(str.strip, clean.split(","))):
            for name, value in _part(part, text).items():
                if name in found:
                    raise ValueError(f"“{text}” says two things about the same. Write for example {EXAMPLES}.")
                found[name] = value
        return cls(**found, text=text.strip() or "none")

    def days(self, submitted: datetime | None, due: datetime | None) -> int:
        """The days begun after the due time; 0 in time or within the grace."""
        return -(-self._over(submitted, due) // UNITS["day"])

    def accepts(self, submitted: datetime | None, due: datetime | None) -> bool:
        return self.most is None or self._over(submitted, due) <= self.most

    def share(self, submitted: datetime | None, due: datetime | None) -> Fraction:
        """What lateness costs, as a share of the maximum from 0 to 1. Not accepted: all of it."""
        if not self.accepts(submitted, due):
            return Fraction(1)
        begun = -(-self._over(submitted, due) // UNITS[self.each])
        return min(self.percent * begun, self.most_percent, Fraction(100)) / 100

    def __str__(self) -> str:
        """The policy as a clause: "10% a day begun, accepted for 5 days, 15 minutes of grace"."""
        if self.most == timedelta(0):
            return "late work is not accepted"
        parts = (
            [f"{_plain(self.percent)}% {'an' if self.each == 'hour' else 'a'} {self.each} begun"]
            if self.percent
            else []
        )
        if self.percent and self.most_percent < 100:
            parts.append(f"at most {_plain(self.most_percent)}%")
        if self.most:
            parts.append(f"accepted for {_length(self.most)}")
        if self.grace and parts:
            parts.append(f"{_length(self.grace)} of grace")
        return ", ".join(parts) or "late work costs nothing"

    def _over(self, submitted, due) -> timedelta:
        over = submitted - due if submitted and due else timedelta(0)
        return over if over > self.grace else timedelta(0)


def _part(part: str, text: str) -> dict:
    if part in ("none", "no penalty"):
        return {"percent": Fraction(0)}
    if part in ("not accepted", "no late work", "late work is not accepted"):
        return {"most": timedelta(0)}
    if match := RATE.fullmatch(part):
        return {"percent": _percent(match[1], text), "each": match[2]}
    if match := MOST_TIME.fullmatch(part):
        return {"most": int(match[1]) * UNITS[match[2]]}
    if match := MOST_COST.fullmatch(part):
        return {"most_percent": _percent(match[1], text)}
    if match := GRACE.fullmatch(part):
        return {"grace": int(match[1] or match[3]) * UNITS[match[2] or match[4]]}
    raise ValueError(f"“{part}” is not understood. Write for example {EXAMPLES}.")


def _percent(number, text) -> Fraction:
    if Fraction(number) > 100:
        raise ValueError(f"“{text}” takes more than 100%. Write for example {EXAMPLES}.")
    return Fraction(number)


def _plain(number: Fraction) -> str:
    return f"{float(number):g}"


def _length(time: timedelta) -> str:
    """ "2 days", "1 hour", "15 minutes"."""
    for name in ("day", "hour", "minute"):
        if not time % UNITS[name]:
            number = time // UNITS[name]
            return f"{number} {name}{'' if number == 1 else 's'}"
    return str(time)
