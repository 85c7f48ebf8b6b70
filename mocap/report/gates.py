"""Gates: figures that must not be, such as "foot_slide>2"."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import Any

from mocap.errors import InvalidValue
from mocap.report.meaning import flat, meaning_of

COMPARISONS = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = re.compile(r"\s*([A-Za-z]\w*)\s*(<=|>=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True)
class Gate:
    """Fails a take in which the comparison holds for anyone.

    Attributes:
        text: as it was given.
        figure: key of the figure.
        comparison: one of COMPARISONS.
        limit: in the unit of the figure.
    """

    text: str
    figure: str
    comparison: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> Gate:
        """A gate such as "foot_slide>2" or "tracked_percent <= 95".

        Raises:
            InvalidValue: not of this form.
            UnknownName: no figure is called so.
        """
        match = _FORM.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            limit = float(match[3])
            if not math.isfinite(limit):
                raise ValueError
        except ValueError:
            raise InvalidValue(
                f"gate {text!r}: expected a figure, one of {' '.join(COMPARISONS)}, and a number, "
                "such as 'foot_slide>2'"
            ) from None
        return cls(text, meaning_of(match[1]).key, match[2], limit)

    def check(self, figures: dict[str, Any]) -> list[dict[str, Any]]:
        """What the gate says to everyone in a report who has the figure, as plain JSON values.

        Raises:
            InvalidValue: nobody has it.
        """
        people = [(person["id"], flat(person)) for person in figures["people"]]
        having = [(id, own[self.figure]) for id, own in people if self.figure in own]
        if not having:
            needs = meaning_of(self.figure).needs
            raise InvalidValue(f"gate {self.text!r}: the take has no {self.figure}; {needs}")
        return [
            {
                "gate": self.text,
                "person": id,
                "figure": self.figure,
                "value": value,
                "limit": self.limit,
                "failed": bool(COMPARISONS[self.comparison](value, self.limit)),
            }
            for id, value in having
        ]


def told(verdict: dict[str, Any]) -> str:
    """A failed gate as a line for a person to read."""
    return (
        f"person {verdict['person']}: {verdict['figure']} is {verdict['value']:g}, "
        f"which fails {verdict['gate']!r} (limit {verdict['limit']:g})"
    )
