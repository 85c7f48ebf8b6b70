"""Filters of bodies by their text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.body_filters import (
    FILTERS,
    Butterworth,
    Filter,
    Gaussian,
    OneEuro,
    Savgol,
    Unfiltered,
    parse,
)
from mocap.errors import InvalidValue, UnknownName


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("none", Unfiltered()),
        ("butterworth", Butterworth()),
        ("butterworth:cutoff=6", Butterworth(6.0)),
        ("gaussian:sigma=0.05", Gaussian(0.05)),
        ("savgol:window=0.25,order=3", Savgol(0.25, 3)),
        (" one_euro : min_cutoff=2, beta = 3 ", OneEuro(2.0, 3.0)),
    ],
)
def test_a_filter_by_its_text(spec: str, meant: Filter) -> None:
    assert parse(spec) == meant
    assert parse(str(meant)) == meant


def test_the_text_of_a_filter() -> None:
    assert [str(kind()) for kind in FILTERS.values()] == [
        "none",
        "one_euro:min_cutoff=2,beta=8,d_cutoff=1",
        "butterworth:cutoff=6",
        "savgol:window=0.25,order=3",
        "gaussian:sigma=0.02",
    ]


@given(st.floats(0.01, 1e6), st.floats(0, 1e6))
def test_every_parameter_survives_as_text(cutoff: float, beta: float) -> None:
    for made in (Butterworth(cutoff), Gaussian(cutoff), OneEuro(cutoff, beta)):
        assert parse(str(made)) == made


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("kalman", r"unknown filter 'kalman'; known: butterworth, gaussian, none, one_euro, sav"),
        ("", "unknown filter ''; known: butterworth"),
        ("butterworth:sigma=1", "unknown parameter of butterworth 'sigma'; known: cutoff"),
        ("butterworth:6", "unknown parameter of butterworth '6'; known: cutoff"),
        ("none:x=1", "unknown parameter of none 'x'; known: none at all"),
        ("butterworth:cutoff", "expected cutoff=NUMBER, got 'cutoff'; usual is butterworth:cutoff"),
        ("butterworth:cutoff=fast", "expected cutoff=NUMBER, got 'cutoff=fast'"),
        ("butterworth:cutoff=0", "expected a cut-off of at least 0.01 Hz"),
        ("butterworth:cutoff=-1", "expected cutoff to be a number of at least 0, got -1"),
        ("butterworth:cutoff=nan", "expected cutoff to be a number of at least 0, got nan"),
        ("butterworth:cutoff=6,cutoff=7", "cutoff is given twice"),
        ("gaussian:sigma=0", "expected a sigma above 0 s"),
        ("savgol:window=0", "expected a window above 0 s"),
        ("savgol:order=2.5", "expected order to be a whole number, got 2.5"),
        ("savgol:order=inf", "expected order to be a whole number, got inf"),
        ("one_euro:min_cutoff=0", "expected cut-offs above 0 Hz"),
    ],
)
def test_a_text_that_means_nothing(spec: str, told: str) -> None:
    with pytest.raises((InvalidValue, UnknownName), match=told):
        parse(spec)
