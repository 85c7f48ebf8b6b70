"""The filters of a body, by name: how its places and rotations are smoothed together.

Places are filtered as signals. Rotations are filtered on the sphere of quaternions: their signs
are made continuous, each component is filtered, and the result is drawn back to length one. That
is the same in any axes, takes nothing from a turn at constant speed, and no sign matters. The
1 Euro filter goes along arcs itself.

Nothing holds a planted foot: a filter moves the root and every bone from there to the foot, and
the foot by what does not cancel. Because all of them are filtered by one measure (with one_euro:
by the measure of the fastest among them), small movements cancel. What is left comes from the
curved ways of deep and fast movements.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields
from typing import ClassVar, Protocol

import numpy as np

from mocap import filters, rotation
from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue, UnknownName

FAINT = 1e-6  # a mean of quaternions shorter than this says nothing

Body = tuple[Array, Array]  # places (..., P, 3) [m] of the first P bones, rotations (..., J, 4)


class LiveBody(Protocol):
    """A filter of one body as it comes."""

    def reset(self) -> None: ...

    def __call__(self, t: float, places: Array, q: Array) -> Body: ...


@dataclass(frozen=True)
class Filter(ABC):
    """How to smooth. The fields of a filter are its parameters; their defaults keep fast motion.

    Raises:
        InvalidValue: a parameter that makes no sense.
    """

    name: ClassVar[str]

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():
            if not (np.isfinite(value) and value >= 0):
                raise InvalidValue(
                    f"{self.name}: expected {key} to be a number of at least 0, got {value}"
                )
        nothing = np.zeros((1, 1, 3)), rotation.identity(1, 1)
        self.body(np.zeros(1), *nothing, np.ones(1, bool))  # the filters know their own limits

    def __str__(self) -> str:
        """As `parse` reads it."""
        values = (f"{k}={float(v)!r}".removesuffix(".0") for k, v in asdict(self).items())
        return ":".join(filter(None, [self.name, ",".join(values)]))

    @abstractmethod
    def body(self, times: Array, places: Array, q: Array, carrying: BoolArray) -> Body:
        """A body over time, smoothed without lag.

        Args:
            times: (T,) [s].
            places: (T, P, 3) [m] of the first P bones.
            q: (T, J, 4) rotations, in their parents.
            carrying: (J,) bones from the root to the feet.
        """

    def live(self, carrying: BoolArray, fps: float) -> LiveBody:
        """A filter of one body as it comes, usually `fps` times a second. Raises InvalidValue if
        it needs what follows."""
        known = [name for name, kind in FILTERS.items() if kind.live is not Filter.live]
        raise InvalidValue(
            f"{self.name} needs the frames that follow, which nobody knows live; "
            f"known live: {', '.join(known)}"
        )


@dataclass(frozen=True)
class Unfiltered(Filter):
    """Everything stays as it is."""

    name: ClassVar[str] = "none"

    def body(self, times: Array, places: Array, q: Array, carrying: BoolArray) -> Body:
        return places, q

    def live(self, carrying: BoolArray, fps: float) -> LiveBody:
        return _Unchanged()


class _Unchanged:
    def reset(self) -> None:
        pass

    def __call__(self, t: float, places: Array, q: Array) -> Body:
        return places, q


@dataclass(frozen=True)
class OneEuro(Filter):
    """Slow motion is smoothed more than fast motion; forwards and backwards, so without lag.

    Attributes:
        min_cutoff: [Hz] for what is at rest.
        beta: [Hz per m/s, and per rad/s: the speed of the end of a limb of one metre] what speed
            adds to it.
        d_cutoff: [Hz] for the speed.
    """

    name: ClassVar[str] = "one_euro"
    min_cutoff: float = 2.0
    beta: float = 8.0
    d_cutoff: float = 1.0

    def body(self, times: Array, places: Array, q: Array, carrying: BoolArray) -> Body:
        # both orders count alike, so that a motion played backwards is smoothed the same
        first = self._both_ways(times, places, q, carrying)
        second = self._both_ways(-times[::-1], places[::-1], q[::-1], carrying)
        return (first[0] + second[0][::-1]) / 2, rotation.slerp(first[1], second[1][::-1], 0.5)

    def _both_ways(self, times: Array, places: Array, q: Array, carrying: BoolArray) -> Body:
        forwards = streamed(self._live(carrying), times, places, q)
        back = streamed(self._live(carrying), -times[::-1], *(x[::-1] for x in forwards))
        return back[0][::-1], back[1][::-1]

    def live(self, carrying: BoolArray, fps: float) -> LiveBody:
        return self._live(carrying)

    def _live(self, carrying: BoolArray) -> LiveBody:
        return filters.OneEuroBody(self.min_cutoff, self.beta, self.d_cutoff, carrying)


@dataclass(frozen=True)
class Linear(Filter):
    """A filter that does the same to every signal."""

    @abstractmethod
    def signal(self, times: Array, values: Array) -> Array:
        """Values (T, ...) smoothed without lag."""

    def body(self, times: Array, places: Array, q: Array, carrying: BoolArray) -> Body:
        q = rotation.continuous(q)
        return self.signal(times, places), _on_sphere(self.signal(times, q), q)


@dataclass(frozen=True)
class Butterworth(Linear):
    """The low-pass usual in biomechanics: second order, forwards and backwards.

    Attributes:
        cutoff: [Hz] where a swing keeps 1/sqrt(2) of its height: after both passes, or live,
            where there is one alone and it lags by about 0.23 / cutoff seconds.
    """

    name: ClassVar[str] = "butterworth"
    cutoff: float = 6.0

    def signal(self, times: Array, values: Array) -> Array:
        return filters.butterworth(times, values, self.cutoff)

    def live(self, carrying: BoolArray, fps: float) -> LiveBody:
        return _LiveLinear(*(filters.Butterworth(self.cutoff, 1 / fps) for _ in range(2)))


class _LiveLinear:
    """A body through two live filters that are alike."""

    def __init__(self, places: filters.Live, rotations: filters.Live) -> None:
        self._places, self._rotations = places, rotations
        self.reset()

    def reset(self) -> None:
        self._places.reset()
        self._rotations.reset()
        self._last: Array | None = None

    def __call__(self, t: float, places: Array, q: Array) -> Body:
        if self._last is not None:
            q = np.where(rotation.dot(q, self._last) < 0, -q, q)
        self._last = q
        return self._places(t, places), _on_sphere(self._rotations(t, q), q)


@dataclass(frozen=True)
class Savgol(Linear):
    """A polynomial fitted to what is about each frame; keeps heights and widths of peaks.

    Attributes:
        window: [s] from the first frame of a fit to the last.
        order: of the polynomial.
    """

    name: ClassVar[str] = "savgol"
    window: float = 0.25
    order: float = 3

    def __post_init__(self) -> None:
        if self.order % 1 != 0:
            raise InvalidValue(f"savgol: expected order to be a whole number, got {self.order}")
        super().__post_init__()

    def signal(self, times: Array, values: Array) -> Array:
        return filters.savgol(times, values, self.window, int(self.order))


@dataclass(frozen=True)
class Gaussian(Linear):
    """A mean with weights that fall off as a Gaussian.

    Attributes:
        sigma: [s] its standard deviation.
    """

    name: ClassVar[str] = "gaussian"
    sigma: float = 0.02

    def signal(self, times: Array, values: Array) -> Array:
        return filters.gaussian(times, values, self.sigma)


FILTERS: dict[str, type[Filter]] = {
    kind.name: kind for kind in (Unfiltered, OneEuro, Butterworth, Savgol, Gaussian)
}


def parse(spec: str) -> Filter:
    """The filter that a text names: `butterworth`, `gaussian:sigma=0.05`,
    `savgol:window=0.25,order=3`.

    Raises:
        UnknownName: there is no such filter, or it has no such parameter; lists those there are.
        InvalidValue: a parameter without a number, twice, or that makes no sense.
    """
    name, _, rest = (piece.strip() for piece in spec.partition(":"))
    if name not in FILTERS:
        raise UnknownName("filter", name, FILTERS)
    kind = FILTERS[name]
    known = [field.name for field in fields(kind)]
    values: dict[str, float] = {}
    for part in rest.split(",") if rest else []:
        key, _, number = (piece.strip() for piece in part.partition("="))
        if key not in known:
            raise UnknownName(f"parameter of {name}", key, known or ["none at all"])
        if key in values:
            raise InvalidValue(f"{name}: {key} is given twice")
        try:
            values[key] = float(number)
        except ValueError:
            raise InvalidValue(
                f"{name}: expected {key}=NUMBER, got {part.strip()!r}; usual is {kind()}"
            ) from None
    return kind(**values)


def streamed(live: LiveBody, times: Array, places: Array, q: Array) -> Body:
    """A body over time through a live filter."""
    smooth = np.empty(places.shape), np.empty(q.shape)
    for i, t in enumerate(times):
        smooth[0][i], smooth[1][i] = live(float(t), places[i], q[i])
    return smooth


def _on_sphere(smooth: Array, raw: Array) -> Array:
    """Filtered quaternions (..., 4) at length one; where they cancel, as they were."""
    norm = np.linalg.norm(smooth, axis=-1, keepdims=True)
    return np.where(norm > FAINT, smooth / np.maximum(norm, FAINT), raw)
