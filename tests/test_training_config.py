"""Schedules: the published ones, what may be changed, and how rates fall."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.training import config as schedules
from mocap.training.config import Config
from mocap.training.schedules import learning_rate, norm_momentum


@pytest.mark.parametrize("name", schedules.known())
def test_every_schedule_can_be_read_and_names_its_source(name: str) -> None:
    config = schedules.by_name(name)
    assert Config(**config.to_dict()) == config
    assert "20" in config.about  # the year of the paper


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(UnknownName, match="martinez"):
        schedules.by_name("martines")
    with pytest.raises(InvalidValue, match=r"'bach'.*batch"):
        schedules.by_name("martinez").changed(bach=3)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("batch", 0, "batch: expected more than 0"),
        ("batch", 2.5, "batch: expected a whole number"),
        ("batch", True, "batch: expected a whole number"),
        ("learning_rate", "fast", "learning_rate: expected a number"),
        ("network", 3, "network: expected an object"),
        ("norm_momentum", [0.1], "norm_momentum: expected two numbers"),
        ("norm_momentum", [0.1, 0.0], "norm_momentum: expected 0 to 1"),
        ("held_out", "S9", "held_out: expected a list of texts"),
        ("dropout", 1.5, "dropout: expected 0 to 1"),
        ("seed", -1, "seed: expected 0 or more"),
        ("steps", -3, "steps: expected 0 or more"),
        ("batch", math.inf, "batch: expected a whole number, got inf"),
        ("batch", math.nan, "batch: expected a whole number, got nan"),
        ("batch", 10**400, "batch: expected a whole number"),
        ("noise", math.nan, "noise: expected a number, got nan"),
    ],
)
def test_values_that_cannot_be_are_refused(key: str, value: object, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        schedules.by_name("videopose3d").changed(**{key: value})


def test_words_and_files_change_a_schedule(tmp_path: Path) -> None:
    config = schedules.by_name("videopose3d")
    words = ["batch=64", "network.channels=32", 'held_out=["S1"]', "about=mine", "flip=false"]
    changed = schedules.changed_by_words(config, words)
    assert changed.batch == 64
    assert changed.network == {**config.network, "channels": 32}
    assert (changed.held_out, changed.about, changed.flip) == (("S1",), "mine", False)
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"batch": 64}), encoding="utf-8")
    assert schedules.changed_by_file(config, file) == config.changed(batch=64)
    for text, told in (("{", "not JSON"), ("[1]", "expected an object"), ('{"x": 1}', "'x'")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=told):
            schedules.changed_by_file(config, file)
    with pytest.raises(InvalidValue, match="KEY=VALUE"):
        schedules.changed_by_words(config, ["batch"])


def test_rates_fall_as_published() -> None:
    each_epoch = Config("videopose3d", learning_rate=1e-3, decay=0.95)
    assert learning_rate(each_epoch, 3, 9999) == pytest.approx(1e-3 * 0.95**3)
    stairs = Config("semgcn", learning_rate=1e-3, decay=0.96, decay_steps=100)
    assert learning_rate(stairs, 0, 99) == 1e-3
    assert learning_rate(stairs, 0, 250) == pytest.approx(1e-3 * 0.96**2)
    assert learning_rate(stairs.changed(staircase=False), 0, 250) == pytest.approx(1e-3 * 0.96**2.5)
    dropping = Config("pstmo", learning_rate=1.0, decay=0.5, drop=0.1, drop_epochs=2)
    assert learning_rate(dropping, 5, 0) == pytest.approx(0.5**5 * 0.1**2)


def test_norms_remember_longer_and_longer() -> None:
    config = Config("videopose3d", epochs=4, norm_momentum=(0.1, 0.001))
    found = [norm_momentum(config, epoch) for epoch in range(5)]
    assert found == pytest.approx([0.1, 10**-1.5, 0.01, 10**-2.5, 0.001])
    assert norm_momentum(config.changed(norm_momentum=None), 3) == 0.1
