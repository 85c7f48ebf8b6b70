"""Writes the golden packets of VMC anew, for when what is sent has to change.

PYTHONPATH=tests python tests/golden/vmc/write.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from vmc_receiver import packet

from mocap import rotation, skeletons
from mocap.motion import Pose
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.vmc import VmcEncoder
from mocap.stream.vmc_profiles import PROFILES
from mocap.stream.vmc_sink import target_of

HERE = Path(__file__).parent
PERSON, T, ROOT = 3, 12.5, (0.5, 0.9, -0.25)
TARGETS = [
    *(f"profile={name}" for name in PROFILES),
    "travel=root,scale=0.5",
    "yaw=90,bones=upper-head,without=upperChest+leftShoulder",
    "face=rest",
    "bundle=0,bones=hips+leftHand",
]


def main() -> None:
    for old in HERE.glob("*.bin"):
        old.unlink()
    skeleton = skeletons.humanoid()
    at = np.arange(len(skeleton))
    # every bone about another axis by another angle: no wrong sign or order stays unseen
    axes = rotation.unit(np.stack([1 + at % 3, 2 - at % 5, 1 + at * 2 % 7], axis=1) * 1.0)
    turns = rotation.axis_angle(axes, np.radians(10 + 5 * at)).round(12)
    people = (LivePerson(PERSON, Pose(T, np.array(ROOT), turns)),)
    targets: dict[str, list[str]] = {}
    packets: dict[str, object] = {}
    files: dict[bytes, str] = {}
    for target in TARGETS:
        encoder = VmcEncoder(target_of(target).settings)
        encoder.open(Cast({PERSON: skeleton}))
        targets[target] = []
        for datagram in encoder.encode(LiveFrame(7, T, people)):
            bundled, messages = packet(datagram)
            if datagram not in files:
                kind = messages[0].address.removeprefix("/VMC/Ext/").partition("/")[0].lower()
                files[datagram] = f"{len(files):02}_{kind}.bin"
                (HERE / files[datagram]).write_bytes(datagram)
                packets[files[datagram]] = {
                    "size": len(datagram),
                    "bundle": bundled,
                    "messages": [
                        [m.address, m.tags, *(short(value) for value in m.values)] for m in messages
                    ],
                }
            targets[target].append(files[datagram])
    index = {
        "about": [
            "One frame as datagrams of VMC for several targets, in the order they are sent.",
            "A message is its address, its type tags and its values, in Unity's axes.",
        ],
        "frame": {
            "about": "metres, right-handed, +Y up, facing +Z; rotations x y z w in the parent",
            "person": PERSON,
            "t": T,
            "root": ROOT,
            "bones": skeleton.names,
            "rotations": turns.tolist(),
        },
        "targets": targets,
        "packets": packets,
    }
    text = json.dumps(index, indent=1)
    innermost = re.compile(r"\[\s+([^][{}]*?)\s+\]")
    text = innermost.sub(lambda found: "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]", text)
    (HERE / "index.json").write_text(text + "\n", encoding="utf-8")


def short(value: str | int | float) -> str | int | float:
    """A 32 bit float without the digits that it does not have."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
