"""A session of the Maya module: a real server, ticks by hand, a scene that calculates.

The server's frames are written between two ticks, so nothing hangs on how fast either is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import protocol_cases
import pytest
from maya_fake import FakeScene
from maya_people import rig
from maya_stage import GOLDEN, GOLDEN_CAST, Clock, Stage, ticked, ticked_until
from mocap_bridge_maya import commands
from mocap_bridge_maya.live import Session
from stages import Obedient

from mocap.stream.server import WebSocketServer

NEAR = 2e-4  # [m]: frames are in single precision


@pytest.fixture
def obedient() -> Obedient:
    return Obedient()


@pytest.fixture
def stage(obedient: Obedient) -> Iterator[Stage]:
    with WebSocketServer(obedient, port=0) as server:
        yield Stage(server, obedient)


@pytest.fixture
def scene() -> FakeScene:
    return FakeScene()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(scene: FakeScene, clock: Clock) -> Iterator[Session]:
    session = Session(scene, clock)
    yield session
    session.disconnect()


def connected(live: Session, stage: Stage) -> None:
    live.connect(stage.server.url)
    ticked_until(live, lambda: live.people, stage)


def followers(live: Session, stage: Stage) -> list[str]:
    """First joints of new skeletons that follow each of the people on stage."""
    connected(live, stage)
    for number in (0, 7):
        commands.create_skeleton(live, number)
    ticked(live, stage)
    return [one.node for one in live.characters()]


def places(scene: FakeScene, root: str) -> dict[str, Any]:
    """Where the joints of a skeleton are in the world [m], by their own names."""
    return {joint.name: scene.place(joint.node) / 100.0 for joint in scene.joints(root)}


def off(scene: FakeScene, root: str, which: int) -> float:
    """[m] how far a skeleton is from a golden person at most."""
    person = GOLDEN.people[which]
    wanted = protocol_cases.positions(person, GOLDEN_CAST)
    found = places(scene, root)
    by_bone = {name.rsplit(":", 1)[-1]: place for name, place in found.items()}
    return max(float(np.linalg.norm(by_bone[bone] - place)) for bone, place in wanted.items())


def in_pose(scene: FakeScene, roots: list[str]) -> bool:
    return all(off(scene, root, which) < NEAR for which, root in enumerate(roots))


def relax(scene: FakeScene, roots: list[str]) -> None:
    for root in roots:
        nodes = [joint.node for joint in scene.joints(root)]
        scene.pose(nodes, [(0.0, 0.0, 0.0)] * len(nodes))
    assert not in_pose(scene, roots)


def bound(live: Session, scene: FakeScene, stage: Stage, **how: Any) -> dict[str, str]:
    """A rig with wild joints, selected and added; its joints by bone."""
    source = live.source_of(0) if live.client is not None else None
    if source is None:
        connected(live, stage)
        source = live.source_of(0)
    nodes = rig(scene, source, **how)
    scene.select([nodes["leftLowerLeg"]])
    commands.add_rig(live)
    ticked(live, stage)
    return nodes
