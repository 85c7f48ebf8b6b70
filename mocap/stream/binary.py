"""Frames of protocol v1 as bytes, little-endian.

    offset  type        header, 24 bytes
         0  u8          kind, 1: a frame
         1  u8          version, 1
         2  u16         P, people
         4  u16         J, bones
         6  u16         0
         8  u32         seq, modulo 2^32
        12  u32         0
        16  f64         t [s]

    offset  type        then P times, 24 + 16 J bytes
         0  i32         id
         4  u8          state: 0 lost, 1 held, 2 tracked
         5  u8          contacts: 1 leftFoot, 2 rightFoot, 3 both
         6  u16         0
         8  f32         confidence
        12  f32[3]      root [m]
        24  f32[4 J]    local rotations x, y, z, w, in the order of the bones of the hello

What is 0 may get a meaning in a later version 1; receivers do not look at it.
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np

from mocap.errors import InvalidValue
from mocap.motion import Pose, TrackState
from mocap.stream.decoding import FARTHEST, unit
from mocap.stream.frames import LiveFrame, LivePerson

KIND, VERSION = 1, 1
FEET = ("leftFoot", "rightFoot")  # by bit
HEADER = struct.Struct("<BBHHHIId")
WRAP = 2**32


@cache
def person_type(bones: int) -> np.dtype[np.void]:
    """The bytes of one person of so many bones."""
    return np.dtype(
        [
            ("id", "<i4"),
            ("state", "u1"),
            ("contacts", "u1"),
            ("", "<u2"),
            ("confidence", "<f4"),
            ("root", "<f4", 3),
            ("rotations", "<f4", (bones, 4)),
        ]
    )


def encode_frame(frame: LiveFrame) -> bytes:
    """Everyone at one moment."""
    poses = [person.pose for person in frame.people]
    bones = len(poses[0].rotations) if poses else 0
    table = np.zeros(len(poses), person_type(bones))
    if poses:
        table["id"] = [person.id for person in frame.people]
        table["state"] = [pose.state for pose in poses]
        table["contacts"] = [
            sum(pose.contacts.get(foot, False) << bit for bit, foot in enumerate(FEET))
            for pose in poses
        ]
        table["confidence"] = [pose.confidence.mean() for pose in poses]
        table["root"] = [pose.root for pose in poses]
        table["rotations"] = [pose.rotations for pose in poses]
    seq = frame.seq % WRAP
    return HEADER.pack(KIND, VERSION, len(poses), bones, 0, seq, 0, frame.t) + table.tobytes()


def decode_frame(data: bytes) -> LiveFrame:
    """Everyone at one moment; the confidence of every bone is that of the person.

    Raises:
        InvalidValue: these are no bytes of a frame; the message says what is wrong.
    """
    if len(data) < HEADER.size:
        raise InvalidValue(f"frame: expected at least {HEADER.size} bytes, got {len(data)}")
    kind, version, people, bones, _, seq, _, t = HEADER.unpack_from(data)
    if (kind, version) != (KIND, VERSION):
        raise InvalidValue(
            f"frame: expected kind {KIND} of version {VERSION}, got {kind} of {version}"
        )
    if people and not bones:
        raise InvalidValue(f"frame: expected people with bones, got {people} without")
    each = person_type(bones)
    if len(data) != HEADER.size + people * each.itemsize:
        raise InvalidValue(
            f"frame: expected {HEADER.size} + {people} x {each.itemsize} bytes for {people} "
            f"people of {bones} bones, got {len(data)}"
        )
    table = np.frombuffer(data, each, people, HEADER.size)
    for key in ("confidence", "root", "rotations"):
        values = table[key]
        if not np.isfinite(values).all() or np.abs(values).max(initial=0.0) > FARTHEST:
            raise InvalidValue(f"frame.{key}: expected numbers up to {FARTHEST:g}")
    if not abs(t) < np.inf:
        raise InvalidValue(f"frame.t: expected seconds, got {t}")
    if people and table["state"].max() > max(TrackState):
        raise InvalidValue(f"frame.state: expected 0 to 2, got {table['state'].max()}")
    rotations = unit(table["rotations"].astype(np.float64), "frame.rotations")
    return LiveFrame(
        seq,
        t,
        tuple(
            LivePerson(
                int(row["id"]),
                Pose(
                    t=t,
                    root=row["root"],
                    rotations=turns,
                    state=TrackState(int(row["state"])),
                    confidence=np.full(bones, row["confidence"]),
                    contacts={
                        foot: bool(row["contacts"] & (1 << bit)) for bit, foot in enumerate(FEET)
                    },
                ),
            )
            for row, turns in zip(table, rotations, strict=True)
        ),
    )
