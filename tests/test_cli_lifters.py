"""Lifters that a command is asked to use: whoever may not use them freely is told, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocap import weights
from mocap.cli.lifters import opened
from mocap.errors import FormatError, UnknownName
from mocap.models.convert import Wish, take_in


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder."""
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "own"))
    return tmp_path / "own"


def taken_in(licence: str) -> Path:
    shipped = weights.by_name("body-live").path
    assert shipped is not None
    found = take_in(shipped, Wish(name="mine", licence=licence)).path
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ("MIT", ""),
        ("Apache-2.0", ""),
        ("CC-BY-NC-4.0", "mocap: note: mine: licence CC-BY-NC-4.0, not for commercial use\n"),
        (
            weights.UNKNOWN,
            "mocap: note: mine: the licence is not known; ask its authors before you publish\n",
        ),
    ],
)
def test_a_licence_that_is_not_free_is_told(
    licence: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = taken_in(licence)
    for name in ("mine", str(path)):  # by name and by file
        lifter = opened(name)
        assert (lifter.name, lifter.licence, lifter.causal) == ("mine", licence, True)
        assert capsys.readouterr() == ("", told)


def test_what_cannot_be_opened_is_an_error_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnknownName, match="unknown lifter 'nothing'; known: body, body-live"):
        opened("nothing")
    checkpoint = tmp_path / "model.pth"
    checkpoint.write_bytes(b"weights")
    with pytest.raises(FormatError, match=r"mocap weights import .*model\.pth --arch NAME"):
        opened(str(checkpoint))
    short = tmp_path / "short.safetensors"
    short.write_bytes(b"short")
    with pytest.raises(FormatError, match="cut off"):
        opened(str(short))
    assert capsys.readouterr().err == ""
