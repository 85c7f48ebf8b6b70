"""Exact joint positions to measure a take against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from mocap.arrays import Array, BoolArray, frozen, require_finite
from mocap.errors import FormatError, InvalidValue


@dataclass(frozen=True, eq=False)
class Truth:
    """Where the joints of one person really were.

    Attributes:
        names: J humanoid bone names; a bone's position is its joint nearest the body.
        times: (T,) [s], at least two, increasing.
        positions: (T, J, 3) [m] in the world, +Y up, the floor at 0.
        contacts: (T, 2) whether the left and the right foot are on the floor, on any part of
            the sole; None if nobody knows.
    """

    names: tuple[str, ...]
    times: Array
    positions: Array
    contacts: BoolArray | None = None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "names", tuple(self.names))
        set_(self, "times", frozen(self.times, (None,), "times"))
        if len(self.times) < 2 or not np.min(np.diff(self.times)) > 0:
            raise InvalidValue("times: expected two or more increasing seconds")
        shape = (len(self.times), len(self.names), 3)
        set_(self, "positions", frozen(self.positions, shape, "positions"))
        require_finite(self.positions, "positions")
        if self.contacts is not None:
            on = frozen(self.contacts, (len(self.times), 2), "contacts", np.bool_)
            set_(self, "contacts", on)

    @classmethod
    def load(cls, path: str | Path) -> Truth:
        """Truth from an .npz archive with `names` (J,), `times` (T,) and `positions` (T, J, 3),
        and perhaps `contacts` (T, 2).

        Raises:
            FormatError: missing, or not such an archive.
        """
        try:
            # opened here: NumPy leaves a broken archive open
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as data:
                contacts = data.get("contacts")
                names = tuple(map(str, data["names"]))
                return cls(names, data["times"], data["positions"], contacts)
        except OSError as error:
            raise FormatError(f"cannot read the truth: {error.strerror}", path=path) from None
        except (KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise FormatError(
                f"expected an .npz archive with names, times and positions; {error}", path=path
            ) from None

    def at(self, times: Array, names: list[str]) -> Array:
        """(T, N, 3) [m] positions of the named joints, linearly between the known times."""
        index = [self.names.index(name) for name in names]
        after = np.clip(np.searchsorted(self.times, times), 1, len(self.times) - 1)
        span = self.times[after] - self.times[after - 1]
        u = np.clip((times - self.times[after - 1]) / span, 0, 1)[:, None, None]
        chosen = self.positions[:, index]
        return chosen[after - 1] * (1 - u) + chosen[after] * u

    def contacts_at(self, times: Array) -> BoolArray | None:
        """(T, 2) the contacts of the nearest known time, None if nobody knows."""
        if self.contacts is None:
            return None
        middles = (self.times[1:] + self.times[:-1]) / 2
        found: BoolArray = self.contacts[np.searchsorted(middles, times)]
        return found
