"""Run by a Python with the module bpy, in a home of its own: install, enable, disable, uninstall.

    python blender_install.py ZIP

What is there at each stage is printed as JSON in the last line.
"""

import json
import os
import sys
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.mocap_bridge"
OURS = ("MOCAPBRIDGE_", "mocap_bridge")


def there():
    """What Blender knows of the add-on."""
    import addon_utils  # which bpy brings once it is there itself

    timers = [
        name
        for name, module in list(sys.modules.items())
        if name.startswith(MODULE) and bpy.app.timers.is_registered(getattr(module, "tick", print))
    ]
    handlers = [
        f.__module__
        for name in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, name), list)
        for f in getattr(bpy.app.handlers, name)
        if "mocap_bridge" in f.__module__
    ]
    return {
        "enabled": addon_utils.check(MODULE)[1],
        "panels": sorted(n for n in dir(bpy.types) if n.startswith("MOCAPBRIDGE_PT_")),
        "classes": sorted(n for n in dir(bpy.types) if n.startswith("MOCAPBRIDGE_")),
        "operators": sorted(dir(bpy.ops.mocap_bridge)),
        "settings": hasattr(bpy.types.Scene, "mocap_bridge"),
        "preferences": MODULE in bpy.context.preferences.addons,
        "timers": timers,
        "handlers": handlers,
        "menus": sum("mocap_bridge" in f.__module__ for f in menu_entries()),
    }


def menu_entries():
    """Functions that draw in File > Import."""
    draw = bpy.types.TOPBAR_MT_file_import.draw
    return [f for f in getattr(draw, "_draw_funcs", ()) if hasattr(f, "__module__")]


def main(path):
    stages = {"before": there()}

    def install():
        bpy.ops.extensions.package_install_files(
            filepath=path, repo="user_default", enable_on_install=True
        )

    install()
    stages["installed"] = there()
    settings = bpy.context.scene.mocap_bridge
    settings.url, settings.token = "ws://elsewhere:1", "secret"
    settings.targets.add().bones.add().human = "hips"
    saved = Path(path).with_name("saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(saved), compress=False)
    bpy.ops.wm.read_factory_settings()
    stages["factory"] = there()
    bpy.ops.preferences.addon_enable(module=MODULE)
    stages["enabled"] = there()
    bpy.ops.wm.open_mainfile(filepath=str(saved))
    settings = bpy.context.scene.mocap_bridge
    stages["reopened"] = {
        "url": settings.url,
        "humans": [b.human for t in settings.targets for b in t.bones],
        "secret in file": b"secret" in saved.read_bytes(),
    }
    bpy.ops.preferences.addon_disable(module=MODULE)
    stages["disabled"] = there()
    bpy.ops.preferences.addon_enable(module=MODULE)
    stages["enabled again"] = there()
    bpy.ops.extensions.package_uninstall(repo_index=repository(), pkg_id="mocap_bridge")
    stages["uninstalled"] = there()
    install()
    stages["installed again"] = there()
    bpy.ops.preferences.addon_disable(module=MODULE)
    print(json.dumps(stages))


def repository():
    """The number of the repository of files that users install."""
    names = [r.module for r in bpy.context.preferences.extensions.repos]
    return names.index("user_default")


main(sys.argv[1])
sys.stdout.flush()
os._exit(0)  # 4.5 as a module hangs at its end if anything of anybody's is still registered
