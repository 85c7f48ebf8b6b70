"""The example web page's code in Node: it decodes what we encode, and its avatars stand as ours."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from avatars import avatar

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.stream import binary, protocol
from mocap.stream.frames import Cast, LiveFrame, LivePerson

WEB = Path(__file__).parent.parent.parent / "examples" / "web"
GOLDEN = Path(__file__).parent.parent / "golden" / "protocol"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
needs_three = pytest.mark.skipif(
    not (WEB / "node_modules" / "three").is_dir(),
    reason="three.js is not installed: npm install in examples/web brings it",
)
OPTIONAL = ("upperChest", "leftShoulder", "rightShoulder", "neck", "leftToes", "rightToes")


def in_node(script: str, given: Any) -> Any:
    """What a script makes of `given`; it finds the files of the page under `web`."""
    code = f"""
    import {{ readFileSync }} from "node:fs";
    globalThis.self ??= globalThis;
    const given = JSON.parse(readFileSync(0, "utf8"));
    const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
    const web = (name) => import({json.dumps(WEB.as_uri())} + "/" + name);
    {script}
    """
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", code],
        input=json.dumps(given), capture_output=True, text=True, cwd=WEB, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def somebody(number: int, seed: int, bones: int = 22) -> LivePerson:
    """A person with every joint turned by something."""
    random = np.random.default_rng(seed)
    pose = Pose(
        t=2.5,
        root=random.normal(0, 1, 3),
        rotations=rotation.normalize(random.normal(size=(bones, 4))),
        state=TrackState(seed % 3),
        confidence=np.full(bones, 0.75),
        contacts={"leftFoot": seed % 2 == 0, "rightFoot": True},
    )
    return LivePerson(number, pose)


@pytest.mark.parametrize("encoding", ["json", "bin"])
def test_the_golden_frames_are_read(encoding: str) -> None:
    cases = json.loads((GOLDEN / "cases.json").read_text(encoding="utf-8"))
    read = in_node(
        """
        const { decode, pose, skeletonsOf } = await web("protocol.js");
        const readOne = ({ data, text, hello }) => {
            const bodies = skeletonsOf(decode(hello));
            const frame = decode(text ?? bytes(data));
            for (const person of frame.people) {
                const body = bodies.get(person.id);
                const places = pose(body, person).positions;
                person.positions = Object.fromEntries(body.names.map((n, i) => [n, places[i]]));
            }
            return frame;
        };
        console.log(JSON.stringify(given.map(readOne)));
        """,
        [
            {
                "data": text_of((GOLDEN / case["bin"]).read_bytes()),
                "text": (GOLDEN / case["json"]).read_text() if encoding == "json" else None,
                "hello": (GOLDEN / case["hello"]).read_text(encoding="utf-8"),
            }
            for case in cases["frames"]
        ],
    )
    near = cases["tolerance"]
    for case, frame in zip(cases["frames"], read, strict=True):
        true = case["expected"]
        assert frame["seq"] % 2**32 == true["seq"] % 2**32
        assert frame["t"] == pytest.approx(true["t"], abs=near["t"])
        assert len(frame["people"]) == len(true["people"])
        for found, person in zip(frame["people"], true["people"], strict=True):
            places = person.pop("positions")
            for bone, place in places.items():
                np.testing.assert_allclose(found["positions"][bone], place, atol=near["positions"])
            for key, value in person.items():
                if key in near:
                    np.testing.assert_allclose(found[key], value, atol=near[key], err_msg=key)
                else:
                    assert found[key] == value, key


def test_a_broken_frame_is_an_error() -> None:
    whole = binary.encode_frame(LiveFrame(1, 2.5, (somebody(0, 1),)))
    broken = [b"", whole[:23], whole[:-1], whole + b"\0", b"\2" + whole[1:], b"\1\2" + whole[2:]]
    refused = in_node(
        """
        const { decode } = await web("protocol.js");
        const fails = (data) => { try { decode(data); } catch { return true; } return false; };
        console.log(JSON.stringify(given.map((data) => fails(bytes(data)))));
        """,
        [text_of(data) for data in broken],
    )
    assert refused == [True] * len(broken)


def without(skeleton: Skeleton, bones: tuple[str, ...]) -> Skeleton:
    """The skeleton with some bones left out; what hung on them hangs on their parents."""
    kept = [name for name in skeleton.names if name not in bones]
    rest = dict(zip(skeleton.names, skeleton.rest_positions, strict=True))
    parents = []
    for name in kept:
        up = skeleton.parent(name)
        while up in bones:
            up = skeleton.parent(str(up))
        parents.append(-1 if up is None else kept.index(up))
    offsets = [
        rest[n] - (rest[kept[p]] if p >= 0 else 0) for n, p in zip(kept, parents, strict=True)
    ]
    return Skeleton(tuple(kept), np.array(parents), np.array(offsets))


def world_of(person: LivePerson, streamed: Skeleton, wanted: Skeleton) -> Array:
    """Global rotations of bones; one that is not streamed goes along with its parent."""
    world = streamed.to_global(person.pose.rotations)
    found: list[Array] = []
    for name, parent in zip(wanted.names, wanted.parents, strict=True):
        found.append(world[streamed.index(name)] if name in streamed else found[parent])
    return np.array(found)


@needs_three
@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(("not_worn", "not_streamed"), [((), ()), (OPTIONAL, ()), ((), OPTIONAL)])
def test_avatars_stand_as_ours(
    version: int, not_worn: tuple[str, ...], not_streamed: tuple[str, ...]
) -> None:
    wearer = without(skeletons.humanoid().scaled(1.3), not_worn)
    streamed = without(skeletons.humanoid(), not_streamed)
    # VRM 0 has bones without rotations of their own
    axes = rotation.normalize(np.random.default_rng(5).normal(size=(len(wearer), 4)))
    person = somebody(0, 4, len(streamed))
    found = in_node(
        """
        const { decode, skeletonsOf } = await web("protocol.js");
        const { Avatar } = await web("avatar.js");
        const skeleton = skeletonsOf(decode(given.hello)).get(0);
        const avatar = await Avatar.load(bytes(given.file));
        avatar.update(skeleton, decode(given.frame).people[0]);
        avatar.swing(0);
        avatar.updateMatrixWorld(true);
        const place = (name) => avatar.getObjectByName(name).matrixWorld.elements.slice(12, 15);
        console.log(JSON.stringify(given.bones.map(place)));
        """,
        {
            "hello": protocol.encode_hello(Cast({0: streamed})),
            "frame": protocol.encode_frame(LiveFrame(1, 2.5, (person,))),
            "file": text_of(avatar(wearer, version, axes if version == 1 else None)),
            "bones": wearer.names,
        },
    )
    expected = wearer.positions(1.3 * person.pose.root, world_of(person, streamed, wearer))
    np.testing.assert_allclose(found, expected, atol=1e-4)
