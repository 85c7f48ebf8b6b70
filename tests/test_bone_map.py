"""Bone maps: the tables, and telling the bones of skeletons never seen before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mocap import bone_map, skeletons
from mocap.bone_map import BODY, BONES, FINGERS, REQUIRED, BoneMap
from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.skeleton import Skeleton

LIMBS = [
    *(("Hips", "UpperLeg"), ("UpperLeg", "LowerLeg"), ("LowerLeg", "Foot"), ("Foot", "Toes")),
    *(("Shoulder", "UpperArm"), ("UpperArm", "LowerArm"), ("LowerArm", "Hand")),
]


def skeleton_of(tree: str) -> Skeleton:
    """A skeleton from an indented list of names; two spaces a level, all offsets alike."""
    names, parents, open_at = [], [], []
    for line in tree.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        del open_at[depth:]
        parents.append(open_at[-1] if open_at else -1)
        open_at.append(len(names))
        names.append(line.strip())
    return Skeleton(tuple(names), np.array(parents), np.tile([0.0, 0.1, 0.0], (len(names), 1)))


def test_names_lists_every_table() -> None:
    assert {"humanoid", "unity", "mixamo", "rigify", "rigify_meta", "ue5", "cmu", "hik"} <= set(
        bone_map.names()
    )


@pytest.mark.parametrize("name", bone_map.names())
def test_table_is_well_formed(name: str) -> None:
    path = bone_map.FOLDER / f"{name}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert set(data) == {"name", "description", "prefixes", "rest", "bones"}
    assert data["name"] == name
    assert data["description"]
    assert data["rest"] in ("T", "A", None)
    table = bone_map.by_name(name)
    assert table.to_dict() == data
    assert list(table.pairs) == [b for b in table.pairs if b in BONES]
    assert set(REQUIRED) <= set(table.pairs)


@pytest.mark.parametrize("name", bone_map.names())
def test_left_and_right_are_the_same_words(name: str) -> None:
    pairs = bone_map.by_name(name).pairs
    for human, bone in pairs.items():
        if human.startswith("left"):
            other = pairs["right" + human[4:]]
            assert len(bone) in (len(other), len(other) - 1)
            assert bone != other


def test_humanoid_is_the_identity() -> None:
    pairs = bone_map.by_name("humanoid").pairs
    assert set(pairs) == set(BONES)
    assert all(human == bone for human, bone in pairs.items())


def test_known_names() -> None:
    assert bone_map.by_name("mixamo").pairs["leftUpperArm"] == "mixamorig:LeftArm"
    assert bone_map.by_name("ue5").pairs["upperChest"] == "spine_05"
    assert bone_map.by_name("rigify_meta").pairs["head"] == "spine.006"
    assert bone_map.by_name("unity").pairs["leftThumbMetacarpal"] == "LeftThumbProximal"


def test_unknown_table_lists_the_known() -> None:
    with pytest.raises(UnknownName, match="mixamo"):
        bone_map.by_name("mixmo")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "expected"),
        ('{"name": "x"}', "expected"),
        ('{"bones": {"leftElbow": "a"}}', "leftElbow"),
        ('{"bones": {"hips": "a", "spine": "a"}}', "twice"),
        ('{"bones": {"hips": "a"}, "rest": "I"}', "rest is"),
    ],
)
def test_load_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=message) as error:
        bone_map.load(path)
    assert "mine.json" in str(error.value)


def test_load_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json"):
        bone_map.load(tmp_path / "none.json")


def test_load_reads_what_to_dict_wrote(tmp_path: Path) -> None:
    table = bone_map.by_name("daz")
    path = tmp_path / "copy.json"
    path.write_text(json.dumps(table.to_dict()), encoding="utf-8")
    assert bone_map.load(path).to_dict() == table.to_dict()


def test_fit_spells_as_the_skeleton_and_drops_what_it_lacks() -> None:
    fit = bone_map.by_name("mixamo").fit(skeleton_of("rig1:mixamorig4:HIPS\n  mixamorig_Left_Arm"))
    assert fit.pairs == {"hips": "rig1:mixamorig4:HIPS", "leftUpperArm": "mixamorig_Left_Arm"}


# --- detection on our own skeletons, under all kinds of spelling ---------------------------

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as is": lambda n: n,
    "namespace": lambda n: "take_01:Actor|" + n,
    "lower": str.lower,
    "upper": str.upper,
    "underscores": lambda n: n.replace(" ", "_").replace(":", "_"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", skeletons.names())
def test_detects_bundled_skeletons(name: str, spelling: str) -> None:
    skeleton = skeletons.by_name(name)
    expected = bone_map.detect(skeleton)
    table = {"rigify": "rigify_meta", "vrm": "humanoid"}.get(name, name)
    assert expected.name == table
    assert expected.pairs == bone_map.by_name(table).fit(skeleton).pairs
    spelt = SPELLINGS[spelling]
    found = bone_map.detect(skeleton.replace(names=[spelt(n) for n in skeleton.names]))
    assert found.pairs == {human: spelt(bone) for human, bone in expected.pairs.items()}


@pytest.mark.parametrize("name", [n for n in skeletons.names() if n not in ("rigify", "h36m17")])
def test_names_alone_are_enough(name: str) -> None:
    """The guess agrees with the tables (it adds the single finger bones of cmu)."""
    skeleton = skeletons.by_name(name)
    guess, table = bone_map._from_names(skeleton), bone_map.detect(skeleton).pairs
    assert {h: b for h, b in guess.items() if h in table} == table


@pytest.mark.parametrize("name", skeletons.names())
def test_shape_alone_tells_the_body(name: str) -> None:
    skeleton = skeletons.by_name(name)
    expected = {h: b for h, b in bone_map.detect(skeleton).pairs.items() if h in BODY}
    if name == "h36m17":
        expected["neck"], expected["head"] = "Neck", "Head"  # no shape tells a tip from a head
    blank = [f"b{i}" for i in range(len(skeleton))]
    found = bone_map.detect(skeleton.replace(names=blank))
    assert found.name == "shape"
    pairs = {h: skeleton.names[blank.index(b)] for h, b in found.pairs.items()}
    assert {h: pairs.get(h) for h in expected} == expected


def test_shape_tells_left_by_the_toes() -> None:
    skeleton = skeletons.humanoid()
    turned = skeleton.offsets * [-1, 1, -1]  # faces -Z
    blank = [f"b{i}" for i in range(len(skeleton))]
    found = bone_map.detect(
        skeleton.replace(names=blank, offsets=turned, tips=skeleton.tips * [-1, 1, -1])
    )
    assert found.pairs["leftHand"] == blank[skeleton.index("leftHand")]


# --- detection on the names of other worlds ------------------------------------------------


def humanlike(
    spine: str, neck: str, arm: str, leg: str, sides: tuple[str, str] = ("Left", "Right")
) -> Skeleton:
    """A skeleton from lines of names; {s} is the side."""
    lines: list[str] = []

    def line(bones: str, depth: int) -> int:
        for n, bone in enumerate(bones.split()):
            lines.append("  " * (depth + n) + bone.replace("~", " "))
        return depth + len(bones.split())

    top = line(spine, 0)
    line(neck, top)
    for side in sides:
        line(arm.replace("{s}", side), top)
    for side in sides:
        line(leg.replace("{s}", side), 1)
    return skeleton_of("\n".join(lines))


def expected_of(facts: str) -> dict[str, str | None]:
    return {k: None if v == "-" else v for k, v in (f.split("=") for f in facts.split())}


SIDED = (
    "leftShoulder leftUpperArm leftLowerArm leftHand leftUpperLeg leftLowerLeg leftFoot leftToes"
).split()

# What UniVRM's BVH loader is tested to find in four kinds of BVH file (github.com/vrm-c/UniVRM,
# BvhLoaderTests.cs, MIT): "-" must stay unmapped. Left side; the right is alike.
COLLARS = "LeftCollar LeftShoulder LeftElbow LeftWrist LeftHip LeftKnee LeftAnkle".split()
ARMS = "LeftShoulder LeftArm LeftForeArm LeftHand LeftUpLeg LeftLeg LeftFoot LeftToeBase".split()
UNIVRM = {
    "louise": (
        humanlike(
            "Hips Chest",
            "Neck Head",
            "{s}Collar {s}Shoulder {s}Elbow {s}Wrist",
            "{s}Hip {s}Knee {s}Ankle",
        ),
        "hips=Hips spine=Chest chest=- neck=Neck head=Head",
        [*COLLARS, None],
    ),
    "cgspeed": (
        skeletons.by_name("cmu"),
        "hips=Hips spine=LowerBack chest=Spine upperChest=Spine1 neck=Neck head=Head",
        ARMS,
    ),
    "mocap": (
        humanlike(
            "Hips Spine Spine1",
            "Neck Head",
            "{s}Shoulder {s}Arm {s}ForeArm {s}Hand",
            "{s}UpLeg {s}Leg {s}Foot {s}ToeBase",
        ),
        "hips=Hips spine=Spine chest=Spine1 upperChest=- neck=Neck head=Head",
        ARMS,
    ),
    "mocap2": (
        humanlike(
            "Hips Chest Chest2 Chest3 Chest4",
            "Neck Head",
            "{s}Collar {s}Shoulder {s}Elbow {s}Wrist",
            "{s}Hip {s}Knee {s}Ankle {s}Toe",
        ),
        "hips=Hips spine=Chest chest=Chest2 upperChest=Chest4 neck=Neck head=Head",
        [*COLLARS, "LeftToe"],
    ),
}


@pytest.mark.parametrize("flavour", UNIVRM)
def test_agrees_with_univrm(flavour: str) -> None:
    skeleton, middle, left = UNIVRM[flavour]
    expected = expected_of(middle)
    for human, bone in zip(SIDED, left, strict=True):
        expected[human] = bone
        expected[human.replace("left", "right")] = bone and bone.replace("Left", "Right")
    found = bone_map.detect(skeleton).pairs
    assert {human: found.get(human) for human in expected} == expected


WORLDS = {
    "biped": humanlike(
        "Bip01 Bip01~Pelvis Bip01~Spine Bip01~Spine1",
        "Bip01~Neck Bip01~Head",
        "Bip01~{s}~Clavicle Bip01~{s}~UpperArm Bip01~{s}~Forearm Bip01~{s}~Hand",
        "Bip01~{s}~Thigh Bip01~{s}~Calf Bip01~{s}~Foot Bip01~{s}~Toe0",
        ("L", "R"),
    ),
    "vroid": humanlike(
        "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest",
        "J_Bip_C_Neck J_Bip_C_Head",
        "J_Bip_{s}_Shoulder J_Bip_{s}_UpperArm J_Bip_{s}_LowerArm J_Bip_{s}_Hand",
        "J_Bip_{s}_UpperLeg J_Bip_{s}_LowerLeg J_Bip_{s}_Foot J_Bip_{s}_ToeBase",
        ("L", "R"),
    ),
    "poser": humanlike(
        "hip abdomen chest",
        "neck head",
        "{s}Collar {s}Shldr {s}ForeArm {s}Hand",
        "{s}Buttock {s}Thigh {s}Shin {s}Foot {s}Toe",
        ("l", "r"),
    ),
    "glued": humanlike(
        "pelvis spine chest",
        "neck head",
        "{s}collar {s}shldr {s}elbow {s}wrist",
        "{s}thigh {s}knee {s}ankle {s}toe",
        ("l", "r"),
    ),
    "suffixed": humanlike(
        "root_jnt spine01_jnt spine02_jnt spine03_jnt",
        "neck_jnt head_jnt",
        "clavicle_{s}_jnt shoulder_{s}_jnt elbow_{s}_jnt wrist_{s}_jnt",
        "hip_{s}_jnt knee_{s}_jnt ankle_{s}_jnt ball_{s}_jnt",
        ("l", "r"),
    ),
    "twisted": humanlike(
        "A_Pelvis A_Spine A_Spine1",
        "A_Neck A_Head",
        "A_{s}Clavicle A_{s}UpperArm A_{s}UpperArmTwist A_{s}LowerArm A_{s}Hand",
        "A_{s}Thigh A_{s}ThighRoll A_{s}Calf A_{s}Foot A_{s}Toes",
    ),
    "xsens": humanlike(
        "Pelvis L5 L3 T12 T8",
        "Neck Head",
        "{s}Shoulder {s}UpperArm {s}ForeArm {s}Hand",
        "{s}UpperLeg {s}LowerLeg {s}Foot {s}Toe",
    ),
}


@pytest.mark.parametrize("world", WORLDS)
def test_reads_names_of_other_worlds(world: str) -> None:
    skeleton = WORLDS[world]
    found = bone_map.detect(skeleton)
    assert found.name in ("names", "biped", "daz")
    human = [b for b in BODY if b in found.pairs]
    assert set(BODY) - set(human) <= {"chest", "upperChest"}
    # every line of the tree in order, and nothing twisted among it
    bones = [found.pairs[b] for b in human]
    assert not [b for b in bones if "Twist" in b or "Roll" in b or "Buttock" in b]
    for side in ("left", "right"):
        for a, b in LIMBS:
            upper = "hips" if a == "Hips" else side + a
            assert skeleton.index(found.pairs[upper]) < skeleton.index(found.pairs[side + b])
    assert skeleton.index(found.pairs["leftHand"]) < skeleton.index(found.pairs["rightHand"])


def test_metacarpals_are_not_fingers() -> None:
    ue5 = bone_map._from_names(skeletons.by_name("ue5"))
    assert ue5["leftIndexProximal"] == "index_01_l"
    rows = ["RightHandRing", "RightHandRing1", "RightHandRing2", "RightHandRing3"]
    mixed = WORLDS["xsens"]
    hand = mixed.index("RightHand")
    grown = Skeleton(
        (*mixed.names, *rows),
        np.array([*mixed.parents, hand, *range(len(mixed), len(mixed) + 3)]),
        np.vstack([mixed.offsets, np.ones((4, 3))]),
    )
    found = bone_map.detect(grown).pairs
    assert [found["rightRing" + part] for part in FINGERS["Ring"]] == rows[1:]


def test_gaps_of_a_table_are_filled_by_names() -> None:
    mixamo = skeletons.by_name("mixamo")
    renamed = [n.replace("ToeBase", "ForeFoot") for n in mixamo.names]
    assert bone_map.detect(mixamo.replace(names=renamed)).pairs["leftToes"].endswith("LeftForeFoot")


def test_a_torso_of_many_bones_maps_its_ends_and_middle() -> None:
    found = bone_map.detect(WORLDS["xsens"]).pairs
    assert [found[b] for b in ("spine", "chest", "upperChest")] == ["L5", "L3", "T8"]


def test_says_what_could_not_be_found() -> None:
    with pytest.raises(InvalidValue, match=r"leftHand.*among root, tail.*mixamo"):
        bone_map.detect(skeleton_of("root\n  tail\n  fin"))


def test_bone_map_refuses_nonsense() -> None:
    with pytest.raises(InvalidValue, match="tail"):
        BoneMap("mine", {"tail": "x"})
