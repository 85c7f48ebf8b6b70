"""The add-on in the real Blender application, used as by a user while a real server streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blender_app import missing, work
from pretend_live import strolling

import exporters
from mocap.take import Person, Take

LACKING = missing()
pytestmark = pytest.mark.skipif(
    bool(LACKING),
    reason=f"not on this machine: {', '.join(LACKING)} "
    "(Debian: apt install blender xvfb xdotool imagemagick python3-numpy)",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("blender")
    take = Take((Person(0, motion=strolling()),))
    (source,) = exporters.write(take, folder / "take.json")
    return work(folder, source, seconds=5.0) | {"folder": folder}


def test_it_goes_on_through_undo_files_edit_mode_and_restarts(found: dict[str, Any]) -> None:
    assert found["problems"] == []
    assert found["rounds"] >= 1
    for what in ("the skeleton", "the metarig", "the rig", "after undo", "after edit mode"):
        assert any(what in seen for seen in found["seen"]), what
    assert {"moves after loading", "moves after a restart"} <= set(found["seen"])


def test_blender_ends_well_and_nothing_of_the_add_on_is_left(found: dict[str, Any]) -> None:
    assert found["rc"] == 0
    assert found["left"] == []
    assert not found["timer left"]


def test_a_metarig_and_a_generated_rig_are_recognised(found: dict[str, Any]) -> None:
    assert found["bones"] == {"metarig": 55, "rig": 22}


def test_a_recording_is_an_action_for_each_character_and_one_step_of_undo(
    found: dict[str, Any],
) -> None:
    assert len(found["actions"]) == 3
    assert all(name.startswith("walk") for name in found["actions"])
    assert all(end > start for start, end in found["actions"].values())
    assert found["plays"] == {"skeleton": True, "metarig": True, "rig": True}
    assert found["actions after undo"] == []


def test_the_log_has_no_traceback(found: dict[str, Any]) -> None:
    folder: Path = found["folder"]
    for log in ("blender.log", "server.log"):
        assert "Traceback" not in (folder / log).read_text("utf-8", "replace")


def test_the_panel_is_drawn(found: dict[str, Any]) -> None:
    cv2 = pytest.importorskip("cv2")
    picture = cv2.imread(str(found["folder"] / "following.png"))
    before = cv2.imread(str(found["folder"] / "installed.png"))
    assert np.any(picture != before)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100  # no empty screen
