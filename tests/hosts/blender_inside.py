"""Runs inside the real Blender, with a window: installs the add-on and works with it as a user.

    blender --factory-startup --python blender_inside.py -- '{"zip": ..., "url": ..., ...}'

Steps are a generator that a timer advances, because drawing, timers and the operators of other
windows only go on while no script runs. What was found goes to a JSON file; the driver judges it.
"""

import json
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import bpy
from mathutils import Euler

TOLD = json.loads(sys.argv[sys.argv.index("--") + 1])
FOLDER = Path(TOLD["folder"])
CATEGORY = "Mocap"
TICK = 0.05  # [s] between two looks of a step that waits
FOUND = {"version": bpy.app.version_string, "problems": [], "seen": {}}

bpy.context.preferences.view.show_splash = False
bpy.context.preferences.filepaths.use_scripts_auto_execute = True  # rigs bring scripts along


def step(steps):
    """The timer: one step, and the time until the next; the outcome is written at the end."""
    try:
        return next(steps)
    except StopIteration:
        pass
    except Exception:
        FOUND["problems"].append(traceback.format_exc())
        FOUND["problems"] += [module("live").state()["problem"], module("targets").problems()]
        subprocess.run(["import", "-window", "root", str(FOLDER / "problem.png")], check=False)
    # written first whole, then named: the driver waits for the name
    part = FOLDER / "found.part"
    part.write_text(json.dumps(FOUND, indent=1), encoding="utf-8")
    part.rename(FOLDER / "found.json")
    bpy.ops.wm.quit_blender()
    return None


def until(what, condition, patience=60.0):
    """Wait for something; how long that took is remembered."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > patience:
            raise AssertionError(f"{what} did not happen within {patience:g} s")
        yield TICK
    FOUND["seen"][what] = round(time.monotonic() - begun, 3)


def window():
    return bpy.context.window_manager.windows[0]


def viewport():
    """The first 3D viewport: area, sidebar, space."""
    area = next(a for a in window().screen.areas if a.type == "VIEW_3D")
    sidebar = next(r for r in area.regions if r.type == "UI")
    return area, sidebar, area.spaces.active


def call(operator, **values):
    """Run an operator as a button of the sidebar would: with a step of undo, if it has one."""
    area, sidebar, _space = viewport()
    with bpy.context.temp_override(window=window(), area=area, region=sidebar):
        return operator("EXEC_DEFAULT", True, **values)


def addon():
    """The add-on's modules, wherever Blender put it."""
    name = next(m for m in sys.modules if m.split(".")[-1] == "mocap_bridge")
    return sys.modules[name]


def module(name):
    return sys.modules[f"{addon().__name__}.{name}"]


def settings():
    return window().scene.mocap_bridge


def install():
    """Install and enable the zip, the way that this Blender does it."""
    if bpy.app.version >= (4, 2):
        bpy.ops.extensions.package_install_files(
            filepath=TOLD["zip"], repo="user_default", enable_on_install=True
        )
    else:
        bpy.ops.preferences.addon_install(filepath=TOLD["zip"])
        bpy.ops.preferences.addon_enable(module="mocap_bridge")


def show_sidebar():
    """Open the sidebar and its tab, by the mouse where Blender has no word for it."""
    _area, _sidebar, space = viewport()
    space.show_region_ui = True
    yield 1.0
    _area, sidebar, _space = viewport()
    if hasattr(sidebar, "active_panel_category"):
        sidebar.active_panel_category = CATEGORY
        yield 1.0
        return
    drawn = []
    panel = bpy.types.MOCAPBRIDGE_PT_main
    draw = panel.draw
    panel.draw = lambda self, context: (drawn.append(True), draw(self, context))[1]
    x = sidebar.x + sidebar.width - 8
    for below in range(20, 500, 12):
        if drawn:
            break
        y = window().height - (sidebar.y + sidebar.height) + below
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=False)
        yield 0.4
    panel.draw = draw
    if not drawn:
        FOUND["problems"].append("the tab was not found")


def picture(name):
    """A picture of the whole screen, once everything is drawn."""
    area, _sidebar, _space = viewport()
    area.tag_redraw()
    yield 1.0
    subprocess.run(["import", "-window", "root", str(FOLDER / f"{name}.png")], check=False)
    yield 0.1


def stage():
    """A large viewport, an empty scene, and people in the middle of the view."""
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    area, _sidebar, _space = viewport()
    with bpy.context.temp_override(window=window(), area=area):
        bpy.ops.screen.screen_full_area()
    yield 1.0
    _area, _sidebar, space = viewport()
    space.shading.type = "SOLID"
    space.overlay.show_relationship_lines = False
    view = space.region_3d
    view.view_perspective = "PERSP"
    view.view_location = (0.3, 0.0, 0.85)
    view.view_distance = 4.8
    view.view_rotation = Euler((1.4, 0.0, 0.35)).to_quaternion()


def turns(armature):
    """The pose of an armature as plain numbers, as it is drawn."""
    drawn = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return [tuple(round(v, 4) for row in bone.matrix for v in row) for bone in drawn.pose.bones]


def moves(name):
    """Whether an armature moves, looked at twice."""
    before = turns(bpy.data.objects[name])
    return lambda: turns(bpy.data.objects[name]) != before


@contextmanager
def unfolded(name):
    """A panel that is closed at first, open for a while: as another one, since Blender remembers
    which are closed."""
    panel = getattr(bpy.types, name)
    bpy.utils.unregister_class(panel)
    opened = type(f"{name}_open", (panel,), {"bl_idname": f"{name}_open", "bl_options": set()})
    bpy.utils.register_class(opened)
    yield
    bpy.utils.unregister_class(opened)
    bpy.utils.register_class(panel)


def follow():
    """Connect and make a new skeleton, which moves."""
    settings().url = TOLD["url"]
    call(bpy.ops.mocap_bridge.connect)
    live = module("live")
    yield from until("connected", lambda: live.state()["people"])
    call(bpy.ops.mocap_bridge.skeleton_create, person=live.state()["people"][0][0])
    FOUND["skeleton"] = settings().targets[-1].armature.name
    yield from until("the skeleton moves", moves(FOUND["skeleton"]))


def follow_rigify():
    """A metarig of Rigify, and the rig that is generated of another: both move."""
    person = module("live").state()["people"][0][0]
    bpy.ops.preferences.addon_enable(module="rigify")
    FOUND["bones"] = {}
    for kind, x in (("metarig", 1.1), ("rig", -1.1)):
        add = bpy.ops.object.armature_human_metarig_add
        if kind == "rig":  # its generation takes long enough without fingers and face
            add = bpy.ops.object.armature_basic_human_metarig_add
        call(add)
        made = bpy.context.view_layer.objects.active
        made.location.x = x
        if kind == "rig":
            call(bpy.ops.pose.rigify_generate)
            made.hide_viewport = True
            made = bpy.context.view_layer.objects.active
            made.location.x = x
        FOUND[kind] = made.name
        call(bpy.ops.mocap_bridge.target_add)
        target = settings().targets[-1]
        target.person = person
        bpy.ops.ed.undo_push(message="person")
        FOUND["bones"][kind] = sum(bool(line.bone) for line in target.bones)
        yield from until(f"the {kind} moves", moves(FOUND[kind]))


def rates(seconds=5.0):
    """How often the timer fires and frames come, over some seconds."""
    live = module("live")
    follow_one, ticks, moved, spent = live.follow, [], [], []

    def counting(one, now):
        begun = time.perf_counter()
        ticks.append(begun)
        moved.append(follow_one(one, now))
        spent.append(time.perf_counter() - begun)
        return moved[-1]

    live.follow = counting
    yield seconds
    live.follow = follow_one
    pauses = [b - a for a, b in pairwise(ticks)]
    FOUND["ticks a second"] = round(len(ticks) / seconds, 1)
    FOUND["applied a second"] = round(sum(moved) / seconds, 1)
    FOUND["longest tick ms"] = round(1000 * max(spent), 1)
    FOUND["longest pause ms"] = round(1000 * max(pauses), 1)
    FOUND["state"] = {k: v for k, v in live.state().items() if k != "people"}


def record(seconds=2.0):
    """Record all characters; without the stream they play it; one undo takes the actions back."""
    live = module("live")
    settings().record_name = "walk"
    call(bpy.ops.mocap_bridge.record_start)
    yield seconds
    yield from picture("recording")
    call(bpy.ops.mocap_bridge.record_stop)
    FOUND["actions"] = {a.name: tuple(a.frame_range) for a in bpy.data.actions}
    yield 1.0
    call(bpy.ops.mocap_bridge.disconnect)
    scene, plays = window().scene, {}
    for name in ("skeleton", "metarig", "rig"):
        poses = []
        for frame in (2, 30, 2):
            scene.frame_set(frame)
            yield 0.3
            poses.append(turns(bpy.data.objects[FOUND[name]]))
        plays[name] = poses[0] == poses[2] != poses[1]
    FOUND["plays"] = plays
    call(bpy.ops.mocap_bridge.connect)
    yield from until("connected again", lambda: live.state()["people"])
    call(bpy.ops.ed.undo)
    yield 0.5
    FOUND["actions after undo"] = [a.name for a in bpy.data.actions]


def disturb(seconds):
    """What users do while it runs, again and again; afterwards everything still moves."""
    live, skeleton = module("live"), FOUND["skeleton"]
    path = str(FOLDER / "scene.blend")
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end or rounds == 0:
        rounds += 1
        call(bpy.ops.mesh.primitive_cube_add)
        yield 0.3
        for operator in (bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.undo):
            call(operator)
            yield 0.3
        yield from until("moves after undo", moves(skeleton))
        window().view_layer.objects.active = bpy.data.objects[skeleton]
        call(bpy.ops.object.mode_set, mode="EDIT")
        yield 0.5
        call(bpy.ops.object.mode_set, mode="POSE")
        yield from until("moves after edit mode", moves(skeleton))
        call(bpy.ops.object.mode_set, mode="OBJECT")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        yield 0.3
        bpy.ops.wm.open_mainfile(filepath=path)
        yield 1.0
        yield from until("moves after loading", moves(skeleton))
        # the driver ends the server and begins another when it sees this
        (FOLDER / "restart").touch()
        yield from until("the server is missed", lambda: live.client().state != "connected")
        if rounds == 1:
            yield from picture("waiting")
        yield from until("the server is back", lambda: live.client().state == "connected")
        yield from until("moves after a restart", moves(skeleton))
        problem = live.state()["problem"]
        if problem:
            FOUND["problems"].append(problem)
    FOUND["rounds"] = rounds


def delete():
    """The armature and a bone go while they follow; then the add-on does."""
    live, metarig = module("live"), bpy.data.objects[FOUND["metarig"]]
    bpy.data.objects.remove(metarig)
    yield 1.0
    skeleton = bpy.data.objects[FOUND["skeleton"]]
    window().view_layer.objects.active = skeleton
    call(bpy.ops.object.mode_set, mode="EDIT")
    skeleton.data.edit_bones.remove(skeleton.data.edit_bones["leftHand"])
    call(bpy.ops.object.mode_set, mode="OBJECT")
    yield 1.0
    yield from picture("bone_deleted")
    FOUND["after deletion"] = live.state()["problem"] or dict(module("targets").problems())
    name = addon().__name__
    bpy.ops.preferences.addon_disable(module=name)
    yield 1.0
    FOUND["left"] = [n for n in dir(bpy.types) if n.startswith("MOCAPBRIDGE_")]
    FOUND["timer left"] = bpy.app.timers.is_registered(live.tick)


def everything():
    yield 2.0  # until the window is there
    install()
    yield 0.5
    yield from stage()
    yield from show_sidebar()
    yield from picture("installed")
    yield from follow()
    yield 3.0
    yield from picture("following")
    yield from rates()
    yield from follow_rigify()
    yield 2.0
    with unfolded("MOCAPBRIDGE_PT_bones"):
        yield 1.0
        yield from picture("rigify")
    yield from record()
    yield from disturb(TOLD["seconds"])
    yield from delete()


steps = everything()
bpy.app.timers.register(lambda: step(steps), first_interval=1.0, persistent=True)
