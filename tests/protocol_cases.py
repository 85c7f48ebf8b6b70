"""The golden files of protocol v1: what they hold, and how they are made again.

    python tests/protocol_cases.py

writes tests/golden/protocol; test_stream_protocol.py holds the code to what lies there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Pose, TrackState
from mocap.stream import binary, protocol
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.protocol import Ping, Request, Seen

FOLDER = Path(__file__).parent / "golden" / "protocol"
ABOUT = [
    "Protocol v1 in files, for tests in any language; docs/protocol.md says what it means.",
    "hellos: messages as the server sends them; 'server' names the version and may differ.",
    "frames: the same moment as JSON and as bytes, and what a reader must make of both, within",
    "'tolerance'. 'seq' is modulo 2^32 in bytes. 'positions' are where bones are in the world, by",
    "forward kinematics with the offsets of the hello: position = parent's position + parent's",
    "global turn applied to the offset; global turn = parent's global turn * rotation.",
    "commands: what clients may send, and what is understood. refused: what is answered by an",
    "error, which says these words. answers: messages of the server.",
]
TOLERANCE = {"t": 1e-6, "confidence": 5.1e-4, "root": 5.1e-6, "rotations": 2e-6, "positions": 2e-5}
SHOWN = ("head", "leftHand", "rightHand", "leftToes", "rightToes")
FEET = {"leftFoot": True, "rightFoot": False}


def pose(kind: int, state: TrackState, confidence: float, feet: dict[str, bool]) -> Pose:
    """A pose whose every bone is turned, none like its counterpart on the other side."""
    bones = len(skeletons.humanoid())
    steps = np.arange(3 * bones).reshape(bones, 3)
    angles: Array = 0.9 * np.sin(1.0 + 0.7 * kind + 1.3 * steps)
    return Pose(
        t=0.0,
        root=np.array([0.25 - kind, 0.875, -1.5 + 0.125 * kind]),
        rotations=rotation.from_euler(angles, "XYZ"),
        state=state,
        confidence=np.full(bones, confidence),
        contacts=feet,
    )


def person(number: int, pose: Pose) -> LivePerson:
    return LivePerson(number, pose)


def casts() -> dict[str, Cast]:
    body = skeletons.humanoid()
    return {
        "hello.json": Cast({0: body}, 30.0),
        "hello_two.json": Cast({0: body.scaled(1.0625), 7: body.scaled(0.75)}, 59.94),
        "hello_nobody.json": Cast({}, 30.0),
    }


def frames() -> dict[str, tuple[str, LiveFrame]]:
    """By name of the file without its ending: the hello before it, and the frame."""
    seen, held, lost = TrackState.TRACKED, TrackState.HELD, TrackState.LOST
    both = {"leftFoot": True, "rightFoot": True}
    return {
        "frame": ("hello.json", LiveFrame(412, 13.733, (person(0, pose(0, seen, 0.93, FEET)),))),
        "frame_two": (
            "hello_two.json",
            LiveFrame(
                413,
                13.75,
                (
                    person(0, pose(1, seen, 1.0, both)),
                    person(7, pose(2, held, 0.25, {"leftFoot": False, "rightFoot": True})),
                ),
            ),
        ),
        "frame_lost": (
            "hello_two.json",
            LiveFrame(
                2**32 + 5,
                86400.016667,
                (person(7, pose(3, lost, 0.0, {"leftFoot": False, "rightFoot": False})),),
            ),
        ),
        "frame_nobody": ("hello_nobody.json", LiveFrame(0, 0.0, ())),
    }


def expected(frame: LiveFrame, cast: Cast) -> dict[str, Any]:
    """What every reader must make of a frame, exactly."""
    return {
        "seq": frame.seq,
        "t": frame.t,
        "people": [
            {
                "id": one.id,
                "state": one.pose.state.name.lower(),
                "confidence": float(one.pose.confidence[0]),
                "root": one.pose.root.tolist(),
                "rotations": one.pose.rotations.ravel().tolist(),
                "contacts": dict(one.pose.contacts),
                "positions": positions(one, cast),
            }
            for one in frame.people
        ],
    }


def positions(one: LivePerson, cast: Cast) -> dict[str, list[float]]:
    body = cast.skeletons[one.id]
    where, _ = body.fk(one.pose.root, one.pose.rotations)
    return {name: where[body.index(name)].tolist() for name in SHOWN}


COMMANDS: list[tuple[dict[str, Any], Command | Ping | Seen, Request | None]] = [
    ({"type": "record"}, Record(), None),
    ({"type": "record", "name": "", "note": ""}, Record(), None),
    (
        {"type": "record", "name": "jump é 跳", "note": "second try", "request": 1},
        Record("jump é 跳", "second try"),
        1,
    ),
    ({"type": "stop", "request": "stop-2"}, Stop(), "stop-2"),
    ({"type": "calibrate"}, Calibrate(), None),
    ({"type": "calibrate", "height": 1.82, "delay": 5}, Calibrate(1.82, 5.0), None),
    ({"type": "set", "option": "smoothing", "value": False}, Set("smoothing", False), None),
    ({"type": "set", "option": "look_ahead", "value": 2}, Set("look_ahead", 2), None),
    ({"type": "set", "option": "people", "value": 0}, Set("people", 0), None),
    ({"type": "set", "option": "height", "value": None}, Set("height", None), None),
    ({"type": "set", "option": "filter", "value": "one_euro"}, Set("filter", "one_euro"), None),
    ({"type": "takes", "request": 3}, ListTakes(), 3),
    ({"type": "ping", "t": 12.5, "request": 4}, Ping(12.5), 4),
    ({"type": "seen", "seq": 412}, Seen(412), None),
    ({"type": "stop", "a key of later": {"is": ["ignored"]}}, Stop(), None),
]

REFUSED: list[tuple[str, str]] = [
    ("", "expected a JSON object"),
    ("hello", "expected a JSON object"),
    ("[1, 2]", "expected a JSON object, got a list of 2"),
    ('{"type":"ping","t":NaN}', "NaN is not a JSON number"),
    ('{"type":"ping","t":1e999}', "t: expected a number"),
    ('{"type":"ping"}', "t: expected a number"),
    ('{"type":"dance"}', "type: expected one of record, stop, calibrate, set, takes, ping, seen"),
    ('{"type":["stop"]}', "type: expected one of"),
    ('{"name":"x"}', "type: expected one of"),
    ('{"type":"stop","request":{}}', "request: expected"),
    ('{"type":"stop","request":true}', "request: expected"),
    ('{"type":"record","name":7}', "name: expected text, got 7"),
    ('{"type":"record","name":"\\ud800"}', "half of a surrogate pair"),
    ('{"type":"record","name":"' + 101 * "x" + '"}', "name: expected 1 to 100 characters"),
    ('{"type":"calibrate","height":18}', "height: expected 0.3 to 3.0 metres"),
    ('{"type":"calibrate","delay":-1}', "delay: expected 0 to 30 seconds"),
    ('{"type":"set","option":"smoothing"}', "value: expected one"),
    ('{"type":"set","option":"colour","value":1}', "option: expected one of smoothing"),
    ('{"type":"set","option":"people","value":[1]}', "value: expected true, false, null"),
    ('{"type":"seen","seq":-1}', "seq: expected the number of a frame"),
    ('{"type":"seen","seq":1.5}', "seq: expected the number of a frame"),
]


def answers() -> list[str]:
    return [
        protocol.encode_ack("record", {"take": "jump"}, 1),
        protocol.encode_ack(
            "stop", {"take": "jump", "seconds": 4.2, "frames": 126, "file": "jump.jsonl"}, "stop-2"
        ),
        protocol.encode_ack("calibrate", {"delay": 3.0}),
        protocol.encode_ack("set", {"option": "people", "value": 0}),
        protocol.encode_ack(
            "takes",
            {
                "takes": [
                    {
                        "name": "jump_2",
                        "title": "jump",
                        "note": "third try",
                        "started": "2026-11-21T16:12:00.868Z",
                        "seconds": 4.237,
                        "people": 1,
                        "complete": True,
                    }
                ]
            },
            3,
        ),
        protocol.encode_error("nothing is being recorded", "stop", "stop-2"),
        protocol.encode_error("the disk is full; the recording was stopped"),
        protocol.encode_note("the camera is back"),
        protocol.encode_pong(Ping(12.5), 34.75, 4),
        protocol.encode_status(
            {
                "state": "running",
                "source": "camera 0",
                "estimator": "blazepose (full, embedded)",
                "device": "CPU",
                "fps": 29.97,
                "source_fps": 30.0,
                "latency": {"read": 1.5, "estimate": 24.0, "solve": 3.25, "total": 29.0},
                "people": [0],
                "dropped": 2,
                "recording": {"name": "jump", "seconds": 1.5, "frames": 45},
                "options": {
                    "smoothing": True,
                    "look_ahead": 3,
                    "people": 0,
                    "height": None,
                    "filter": "none",
                },
                "clients": 1,
                "notes": [],
            }
        ),
    ]


def fields(message: Command | Ping | Seen) -> dict[str, Any]:
    return {"type": protocol.name_of(message), **vars(message)}


def files() -> dict[str, bytes]:
    """Every golden file."""
    made: dict[str, bytes] = {}
    for name, cast in casts().items():
        made[name] = protocol.encode_hello(cast, clock=12.345).encode() + b"\n"
    for name, (_, frame) in frames().items():
        made[f"{name}.json"] = protocol.encode_frame(frame).encode() + b"\n"
        made[f"{name}.bin"] = binary.encode_frame(frame)
    index = {
        "about": ABOUT,
        "tolerance": TOLERANCE,
        "hellos": [
            {"file": name, "fps": cast.fps, "people": list(cast.skeletons)}
            for name, cast in casts().items()
        ],
        "frames": [
            {
                "json": f"{name}.json",
                "bin": f"{name}.bin",
                "hello": hello,
                "expected": expected(frame, casts()[hello]),
            }
            for name, (hello, frame) in frames().items()
        ],
        "commands": [
            {"message": message, "understood": fields(command), "request": request}
            for message, command, request in COMMANDS
        ],
        "refused": [{"text": text, "says": says} for text, says in REFUSED],
        "answers": [json.loads(answer) for answer in answers()],
    }
    made["cases.json"] = json.dumps(index, indent=1).encode() + b"\n"
    return made


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
