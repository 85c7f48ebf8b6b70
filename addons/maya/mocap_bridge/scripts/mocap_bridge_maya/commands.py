"""What users do, as functions of a `live.Session`: each is one step to undo, however much it makes.

They return a sentence about what was done and raise RigError or TakeError with one about why not.
The panel, the shelf and the commands of the plug-in call nothing else.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Mapping

from . import (
    bake,
    bvh_import,
    casting,
    characters,
    humanik,
    legacy,
    names,
    own,
    rig,
    skeleton_make,
    take_import,
)
from .characters import Character
from .live import Session
from .scene import Node
from .shared import bone_maps
from .shared.bones import BONES
from .shared.casting import next_person
from .shared.clip import Clip
from .shared.errors import RigError, TakeError
from .shared.recording import NAME_LENGTH, named

ONTO = ("characters", "selected", "new")
LEGACY = ("3d_data.json", "2d_data.json")  # of the 3d-pose-baseline fork for Maya


# Characters.


def create_skeleton(session: Session, person: int) -> str:
    """Make a skeleton with the bones of a person, which follows them from now on."""
    scene = session.scene
    source = session.source_of(person)
    with scene.undo_chunk("Mocap: new skeleton"):
        space = namespace(session, f"Person{person}", source.names[0])
        made = skeleton_make.create(scene, source, "skeleton", space)
        called = joint_names(session, made.root)
        pairs = tuple((bone, called[node]) for bone, node in made.joints.items())
        character = Character(made.root, person, True, rig.Settings(pairs))
        characters.keep(scene, session.characters(), character)
        scene.select([made.root])
    return f"{scene.name_of(made.root)} follows person {person}"


def namespace(session: Session, wanted: str, first: str) -> str:
    """A namespace in which no joint of this name is yet."""
    for number in itertools.count(1):
        space = wanted if number == 1 else f"{wanted}_{number}"
        if not session.scene.is_taken(f"{space}:{first}"):
            return space
    raise AssertionError


def joint_names(session: Session, node: Node) -> dict[Node, str]:
    """The joints of a rig, and what its bone list calls them."""
    names = rig.names_of(session.scene, node)
    return {joint.node: name for joint, name in zip(session.scene.joints(node), names)}


def create_skeletons(session: Session) -> str:
    """A skeleton for everyone on stage whom nothing follows."""
    followed = {one.person for one in session.characters()}
    wanted = [person for person, _ in session.people if person not in followed]
    if not wanted:
        seen = "everyone who is seen has a character" if session.people else "nobody is seen"
        raise RigError(seen)
    with session.scene.undo_chunk("Mocap: new skeletons"):
        told = [create_skeleton(session, person) for person in wanted]
    return "; ".join(told)


def add_rig(session: Session, person: int | None = None) -> str:
    """Have the selected rig follow a person; without a number, whoever has no character yet.

    The pose in which it stands now becomes its rest pose, unless one is stored with it.
    """
    scene = session.scene
    found = scene.roots(selected=True)
    if not found:
        raise RigError("select a joint of the rig first; any will do")
    root, known = found[0], session.characters()
    name = scene.name_of(root)
    if any(one.node == root for one in known):
        raise RigError(f"{name} is a character already")
    if person is None:
        person = next_person(known, [number for number, _ in session.people])
    told = f"{name} follows person {person}"
    try:
        mapped = rig.map_of(scene, root)
        pairs = tuple(mapped.pairs.items())
        told = f"{told}: {mapped.name}, {len(pairs)} bones"
    except RigError as error:
        pairs, told = (), f"{told}, once its bones are known: {error}"
    with scene.undo_chunk("Mocap: add a rig"):
        if not rig.rest_of(scene, root):
            rig.store_rest(scene, root)
        characters.keep(scene, known, Character(root, person, True, rig.Settings(pairs)))
    return told


def remove(session: Session, node: Node) -> str:
    """Take a character off the list; its rig stays as it is."""
    scene = session.scene
    name = scene.name_of(node)
    with scene.undo_chunk("Mocap: remove a character"):
        characters.remove(scene, session.characters(), node)
    return f"{name} follows nobody now"


def change(session: Session, node: Node, **values: Any) -> None:
    """Change a character: `person`, `enabled`, or any of `rig.Settings`."""
    known = session.characters()
    one = characters.of(known, node)
    own = {name: values.pop(name) for name in ("person", "enabled") if name in values}
    changed = one._replace(settings=one.settings._replace(**values), **own)
    if changed != one:
        with session.scene.undo_chunk("Mocap: change a character"):
            characters.keep(session.scene, known, changed)


# Bones.


def detect(session: Session, node: Node) -> str:
    """Find out anew which joint is which; what was chosen by hand is lost."""
    found = rig.map_of(session.scene, node)
    change(session, node, pairs=tuple(found.pairs.items()))
    return f"{found.name}: {len(found.pairs)} bones"


def set_bone(session: Session, node: Node, human: str, joint: str) -> None:
    """Choose the joint that plays a bone; "" for none. A joint plays one bone only."""
    one = characters.of(session.characters(), node)
    pairs = {h: j for h, j in one.settings.pairs if h != human and j != joint}
    if joint:
        pairs[human] = joint
    ordered = tuple((h, pairs[h]) for h in BONES if h in pairs)
    change(session, node, pairs=ordered)


def read_map(session: Session, node: Node, path: str) -> str:
    """Take the bones from a JSON file, the format of `mocap capture --map`."""
    found = bone_maps.read(path).fit(rig.names_of(session.scene, node))
    if not found.pairs:
        raise RigError(f"{Path(path).name} has no bone of {session.scene.name_of(node)}")
    change(session, node, pairs=tuple(found.pairs.items()))
    return f"{found.name}: {len(found.pairs)} bones"


def write_map(session: Session, node: Node, path: str) -> str:
    """Write the bones to a JSON file."""
    one = characters.of(session.characters(), node)
    path = path if path.lower().endswith(".json") else f"{path}.json"
    bone_maps.write(bone_maps.BoneMap(Path(path).stem, dict(one.settings.pairs)), path)
    return f"wrote {path}"


def store_rest(session: Session, node: Node) -> str:
    """Keep the pose in which a rig stands now as its T-pose."""
    with session.scene.undo_chunk("Mocap: store the T-pose"):
        rig.store_rest(session.scene, node)
    return f"the T-pose of {session.scene.name_of(node)} is stored"


def to_rest(session: Session, node: Node) -> str:
    """Put a rig into its T-pose. While it follows somebody, they move it out of it again."""
    with session.scene.undo_chunk("Mocap: go to the T-pose"):
        rig.to_rest(session.scene, node)
    return f"{session.scene.name_of(node)} stands in its T-pose"


def characterise(session: Session, node: Node, calls: humanik.Calls) -> str:
    """Define a character's joints for HumanIK, in their T-pose."""
    scene = session.scene
    one = characters.of(session.characters(), node)
    nodes = {name: joint for joint, name in joint_names(session, node).items()}
    joints = {h: scene.name_of(nodes[j]) for h, j in one.settings.pairs if j in nodes}
    with scene.undo_chunk("Mocap: define for HumanIK"):
        rig.to_rest(scene, node)
        wanted = names.legal(scene.name_of(node).replace(":", "_") + "_mocap", "mocap")
        name, count = humanik.define(calls, wanted, joints)
    return f"{name}: {count} joints; choose it as the source of your character"


# Recording.


def is_recording(session: Session) -> bool:
    """Whether there is a recording, also one that waits to be written."""
    return session.recording.running


def record(session: Session, name: str = "", on_server: bool = False) -> str:
    """Begin to record everyone, at the current frame of the scene."""
    if not session.is_connected:
        raise TakeError("connect first")
    if is_recording(session):
        raise TakeError(f"{session.recording.name} is being recorded already")
    name = named(name)
    session.recording.begin(name, session.scene.frame)
    session.recording.on_server = on_server
    if on_server:
        session.send("record", name=name[:NAME_LENGTH])
    return f"recording {name}"


def stop(session: Session, rate: str = "RESAMPLE") -> str:
    """End the recording and write it as keys of the characters.

    Args:
        rate: "RESAMPLE": keys at the frames of the scene; "SCENE": the scene gets the frame rate
            of the capture first.

    Raises:
        TakeError, RigError: nothing was recorded, which ends it; or nobody has a character, and
            then it waits: add one and stop again.
    """
    recording, scene = session.recording, session.scene
    if not is_recording(session):
        raise TakeError("nothing is being recorded")
    recording.ended = True
    _stop_server(session)
    try:
        clips = recording.clips()
    except TakeError as error:
        recording.reset()
        raise TakeError(f"nothing was recorded: {error}") from None
    try:
        pairs, alone = casting.cast(session, clips)
        with scene.undo_chunk("Mocap: record"):
            if rate == "SCENE":
                scene.set_rate(_camera_rate(session, clips[0]))
            frames = bake.write(scene, pairs, recording.first)
    except (TakeError, RigError) as error:
        raise type(error)(f"{error}; then stop again") from None
    told = f"recorded {recording.name}: {frames} frames, {recording.seconds:.1f} s"
    notes = [note for note in (told, recording.problem, alone) if note]
    recording.reset()
    return "; ".join(notes)


def _camera_rate(session: Session, clip: Clip) -> float:
    """[1/s] that the server tells, if it still does: of its frames some are left out here."""
    told = session.hello
    return own.rate_of(clip.times if told is None else (0.0, 1.0 / told.fps))


def discard(session: Session) -> str:
    """Forget what was recorded."""
    _stop_server(session)
    session.recording.reset()
    return "the recording is discarded"


def _stop_server(session: Session) -> None:
    if session.recording.on_server:
        session.send("stop")
    session.recording.on_server = False


# Files.


def usual_onto(session: Session) -> str:
    """Onto what a user most likely wants to import."""
    if any(one.enabled for one in session.characters()):
        return "characters"
    return "selected" if session.scene.roots(selected=True) else "new"


def import_file(
    session: Session, path: str, onto: str = "new", rate: str = "RESAMPLE", unit: str = "AUTO"
) -> str:
    """Load a take (.json), a recording (.jsonl), a BVH, or the older 3d_data.json.

    Args:
        path: of the file.
        onto: of ONTO: the characters, by the numbers of the people; the selected rig; new
            skeletons. The older files always make new joints.
        rate: as for `stop`.
        unit: of a BVH: "AUTO", "CM" or "M".
    """
    if onto not in ONTO:
        raise TakeError(f"onto {onto!r}: expected {', '.join(ONTO)}")
    scene, name = session.scene, Path(path).name
    with scene.undo_chunk(f"Mocap: import {name}"):
        if name.lower() in LEGACY:
            loaded = legacy.load(scene, path, first=scene.frame)
        elif onto == "new":
            if name.lower().endswith(".bvh"):
                loaded = bvh_import.load(scene, path, rate=rate, unit=unit, first=scene.frame)
            else:
                loaded = take_import.load(scene, path, rate=rate, first=scene.frame)
        else:
            return _import_onto(session, path, onto, rate)
        scene.select(loaded.roots)
    made = ", ".join(scene.name_of(root) for root in loaded.roots)
    return "; ".join([f"{name}: {loaded.frames} frames on {made}", *loaded.notes])


def _import_onto(session: Session, path: str, onto: str, rate: str) -> str:
    scene = session.scene
    clips, notes = take_import.clips_of(path)
    if rate == "SCENE":
        scene.set_rate(own.rate_of(clips[0].times))
    if onto == "characters":
        pairs, alone = casting.cast(session, clips)
    else:
        pairs, alone = casting.onto_selected(session, clips)
    frames = bake.write(scene, pairs, scene.frame)
    names = ", ".join(rigged.name for rigged, _ in pairs)
    told = [f"{Path(path).name}: {frames} frames on {names}", *notes, alone]
    return "; ".join(line for line in told if line)


# The server.


def calibrate(session: Session) -> str:
    """Ask the server to learn bones, floor and direction from a T-pose."""
    return _sent(session, "calibrate")


def set_option(session: Session, option: str, value: Any) -> str:
    """Ask the server to change an option, for everybody."""
    return _sent(session, "set", option=option, value=value)


def _sent(session: Session, kind: str, **values: Any) -> str:
    if not session.is_connected:
        raise TakeError("connect first")
    session.send(kind, **values)
    return ""


def options(session: Session) -> Mapping[str, Any]:
    """What the server says that its options are; empty while there is none."""
    return session.client.status.get("options", {}) if session.client is not None else {}
