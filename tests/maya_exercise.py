"""Everything pure of the Maya module at work, for Pythons without any package: says what it got.

Run as `python maya_exercise.py FOLDER_OF_THE_PACKAGE FILE...`; reads nothing else and prints the
keys that a scene gets, rounded. A file may be the address of a server that shows one pose. The
scene here only keeps what it is told: the one that calculates is tests/maya_fake.py, which needs
NumPy.
"""

import contextlib
import json
import os
import sys
import time

sys.path.insert(0, sys.argv[1])

from mocap_bridge_maya import bake, bvh_import, commands, legacy, live, skeleton_make, take_import
from mocap_bridge_maya.joints import IDENTITY, own_matrix, product
from mocap_bridge_maya.rig import Rigged, Settings, map_of
from mocap_bridge_maya.scene import Joint, Scene
from mocap_bridge_maya.shared.errors import RigError
from mocap_bridge_maya.shared.turns import ONE

ONES = (1.0, 1.0, 1.0)
ZEROS = (0.0, 0.0, 0.0)


class Listed(Scene):
    """A scene of joints without any orientation."""

    up, rate, frame = "y", 24.0, 1.0

    def __init__(self):
        self.nodes, self.texts, self.posed, self.told, self.kept = {}, {}, {}, [], ""

    def set_rate(self, fps):
        self.rate = fps

    def show_frames(self, first, last):
        self.told.append((first, last))

    @contextlib.contextmanager
    def undo_chunk(self, name):
        yield

    def exists(self, node):
        return node in self.nodes

    def name_of(self, node):
        return node

    def is_taken(self, name):
        return name in self.nodes

    def roots(self, selected=False):
        return [n for n, (kind, parent, *_) in self.nodes.items() if kind == "joint" and not parent]

    def joints(self, root):
        found, index = [], {}
        for node, (kind, parent, place, order) in self.nodes.items():
            if kind != "joint" or (node != root and parent not in index):
                continue
            index[node] = len(found)
            above = found[index[parent]].world if parent in index else IDENTITY
            rotate = self.posed.get(node, ZEROS)
            at = index.get(parent, -1)
            parts = (node, node, at, order, rotate, place, ONES, ONE, ONE, ONES, IDENTITY, above)
            world = product(own_matrix(Joint(*parts)), above)
            found.append(Joint(*parts)._replace(world=world))
        return found

    def make_group(self, name, parent=None, rotate=ZEROS):
        self.nodes[name] = ("group", parent, ZEROS, "xyz")
        return name

    def make_joint(self, name, parent, translate, order="xyz", radius=1.0):
        self.nodes[name] = ("joint", parent, tuple(translate), order)
        return name

    def make_locator(self, name, parent, translate):
        return self.make_group(name, parent)

    def make_picture(self, picture):
        return self.make_group(picture.name)

    def select(self, nodes):
        self.told.append(nodes)

    def remembered(self):
        return self.kept

    def remember(self, text):
        self.kept = text
        self.told.append(text)

    def text(self, node, attribute):
        return self.texts.get((node, attribute), "")

    def set_text(self, node, attribute, text):
        self.texts[node, attribute] = text

    def pose(self, nodes, rotations, moved=(), places=()):
        self.posed.update(zip(nodes, rotations))  # noqa: B905  Python 3.7 knows no strict

    def stand(self, nodes, rotations, places):
        self.pose(nodes, rotations)

    def write_keys(self, curves):
        for curve in curves:
            values = [round(value, 6) + 0.0 for value in curve.values]
            self.told.append((curve.node, curve.attribute, list(curve.frames)[:3], values))


def session(url):
    """A live session from the first frame to the keys, and what a scene gets of it."""
    scene = Listed()
    one = live.Session(scene)
    one.connect(url)

    def tick_until(condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, one.state()
            one.tick()
            time.sleep(0.003)

    tick_until(lambda: one.people)
    print(commands.create_skeletons(one))
    tick_until(lambda: scene.posed)
    commands.record(one, "take")
    tick_until(lambda: len(one.recording) > 5)
    commands.stop(one)
    print(one.people, one.state()["problem"])
    print([(node, [round(a, 6) + 0.0 for a in scene.posed[node]]) for node in sorted(scene.posed)])
    keys = [told for told in scene.told if len(told) == 4]
    print(len(keys), [(node, name, values[0]) for node, name, _, values in keys if "hips" in node])
    one.disconnect()


def main(paths):
    for path in paths:
        if path.startswith("ws://"):
            session(path)
            continue
        scene = Listed()
        name = os.path.basename(path)
        if name.endswith(".bvh"):
            loaded = bvh_import.load(scene, path)
        elif name == "3d_data.json":
            loaded = legacy.load(scene, path, locators=True)
        else:
            loaded = take_import.load(scene, path)
        print(name, loaded.frames, loaded.notes, scene.nodes)
        try:
            clips, notes = take_import.clips_of(path)
            made = skeleton_make.create(scene, clips[0].skeleton, "rig")
            rigged = Rigged(scene, made.root, clips[0].skeleton, Settings(root="ROOT"))
            rigged.apply(clips[0].root[:3], clips[0].rotations[: 4 * len(clips[0].skeleton)])
            print(bake.write(scene, [(rigged, clips[0])], 5), notes, map_of(scene, made.root).pairs)
        except RigError as error:
            print(error)
        print(json.dumps(scene.told))


main(sys.argv[2:])
