"""Installs Mocap Bridge into Maya: drag this file from the unpacked folder into a viewport.

Without Maya, or from its `mayapy`:

    python install_mocap_bridge.py                  into the user's modules folder of Maya
    python install_mocap_bridge.py --folder DIR     into another folder of MAYA_MODULE_PATH
    python install_mocap_bridge.py --link           nothing is copied, Maya reads this folder
    python install_mocap_bridge.py --uninstall

No administrator is needed, and nothing is written outside the chosen folder. Python 3.7 or newer.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MOD = "mocap_bridge.mod"
FOLDER = "mocap_bridge"
PACKAGE = "mocap_bridge_maya"
PLUGIN = "mocap_bridge_plugin"
DATA = Path("scripts") / PACKAGE / "data"  # not there in a checkout of the project


class InstallError(Exception):
    """The module cannot be installed or removed; one line that says why."""


def modules_folder() -> Path:
    """Where Maya looks for the modules of its user, whatever its version."""
    told = os.environ.get("MAYA_APP_DIR")
    if told:
        return Path(told) / "modules"
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Preferences" / "Autodesk" / "maya" / "modules"
    if sys.platform == "win32":
        return home / "Documents" / "maya" / "modules"
    return home / "maya" / "modules"


def install(target: Path, link: bool = False, source: Path = HERE) -> Path:
    """Put the module into a folder; what an earlier version left there is replaced.

    Args:
        target: a folder of MAYA_MODULE_PATH; made if it is not there.
        link: write the .mod alone, which then names `source`. A checkout of the project is always
            linked: the data of its bones lie elsewhere in it.
        source: the folder with the .mod and the module.

    Returns:
        The .mod that Maya will find.

    Raises:
        InstallError: something is missing, or the folder cannot be written.
    """
    there, target = source / FOLDER, target.expanduser().resolve()
    if not (source / MOD).is_file() or not (there / "scripts" / PACKAGE).is_dir():
        raise InstallError(
            f"{MOD} and the folder {FOLDER} have to lie beside the installer, in {source}; "
            "unpack the whole zip first"
        )
    if target == source:
        return target / MOD  # dropped from where it is installed
    link = link or not (there / DATA).is_dir()
    try:
        target.mkdir(parents=True, exist_ok=True)
        if link:
            _remove(target / FOLDER)
            text = (source / MOD).read_text(encoding="utf-8")
            text = text.replace(f"./{FOLDER}", there.as_posix())
        else:
            part = target / f"{FOLDER}.part"
            _remove(part)
            shutil.copytree(there, part, ignore=shutil.ignore_patterns("__pycache__"))
            _remove(target / FOLDER)
            part.rename(target / FOLDER)
            text = (source / MOD).read_text(encoding="utf-8")
        (target / MOD).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InstallError(f"cannot write {target}: {error.strerror or error}") from None
    return target / MOD


def uninstall(target: Path) -> bool:
    """Take the module out of a folder; whether it was there. A linked folder stays where it is.

    Raises:
        InstallError: it cannot be removed.
    """
    target = target.expanduser().resolve()
    was = (target / MOD).is_file() or (target / FOLDER).is_dir()
    if target == HERE:
        raise InstallError(f"{target} is the folder that was unpacked; delete it yourself")
    try:
        if (target / MOD).is_file():
            (target / MOD).unlink()
        _remove(target / FOLDER)
    except OSError as error:
        raise InstallError(f"cannot remove it from {target}: {error.strerror or error}") from None
    return was


def _remove(folder: Path) -> None:
    """Delete a folder of ours, and nothing that is none."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.is_dir():
        if not (folder / "scripts" / PACKAGE).is_dir() and any(folder.iterdir()):
            raise InstallError(f"{folder} is there already and is no Mocap Bridge; move it away")
        shutil.rmtree(folder)
    elif folder.exists():
        raise InstallError(f"{folder} is a file; move it away")


# In Maya.

INSTALL, ELSEWHERE, REMOVE, CANCEL = "Install", "Other Folder...", "Remove", "Cancel"


def onMayaDroppedPythonFile(*_dropped: Any) -> None:
    """Ask what to do, do it, and say what came of it."""
    from maya import cmds

    sys.modules.pop(__name__, None)  # another version that is dropped later must not find this one
    target = Path(cmds.internalVar(userAppDir=True)) / "modules"
    answer = cmds.confirmDialog(
        title="Mocap Bridge",
        message=f"Install Mocap Bridge into\n{target}?",
        button=[INSTALL, ELSEWHERE, REMOVE, CANCEL],
        defaultButton=INSTALL,
        cancelButton=CANCEL,
        dismissString=CANCEL,
    )
    if answer == ELSEWHERE:
        chosen = cmds.fileDialog2(fileMode=3, dialogStyle=2, caption="A folder of MAYA_MODULE_PATH")
        if not chosen:
            return
        target = Path(chosen[0])
    elif answer == CANCEL:
        return
    try:
        shelf = sys.modules.get(f"{PACKAGE}.shelf")  # there if it ran since Maya was started
        if answer == REMOVE and shelf is not None:
            shelf.remove()
        _close(cmds)
        if answer == REMOVE:
            told = "It is removed." if uninstall(target) else f"It is not installed in {target}."
        else:
            told = _begin(cmds, install(target))
    except InstallError as error:
        told = str(error)
    cmds.confirmDialog(title="Mocap Bridge", message=told, button=["OK"])


def _close(cmds: Any) -> None:
    """Let go of a version that runs."""
    if cmds.workspaceControl("mocapBridgePanelWorkspaceControl", exists=True):
        cmds.deleteUI("mocapBridgePanelWorkspaceControl")
    if cmds.pluginInfo(PLUGIN, query=True, loaded=True):
        cmds.flushUndo()  # which may hold commands of the plug-in
        cmds.unloadPlugin(PLUGIN, force=True)
    for name in [n for n in sys.modules if n == PACKAGE or n.startswith(PACKAGE + ".")]:
        del sys.modules[name]


def _begin(cmds: Any, mod: Path) -> str:
    """Load the module that was installed, without a new start of Maya. A sentence about it."""
    with contextlib.suppress(RuntimeError):  # as where an earlier version was loaded already
        cmds.loadModule(load=mod.as_posix())
    try:
        # Maya looks for modules when it starts, so what is in this one is named in full until then
        text = mod.read_text(encoding="utf-8").splitlines()[0].split(None, 3)[3]
        folder = (mod.parent / text).resolve()
        scripts = (folder / "scripts").as_posix()
        if scripts not in sys.path:
            sys.path.append(scripts)
        cmds.loadPlugin((folder / "plug-ins" / f"{PLUGIN}.py").as_posix(), quiet=True)
        from mocap_bridge_maya import dock, shelf

        shelf.build()
        dock.show()
    except Exception as error:  # whatever it is, the next start of Maya does all of it
        return f"It is installed. Start Maya anew, then press it on the shelf. ({error})"
    return "It is installed: there is a shelf Mocap, and the panel is open."


def main(arguments: list[str] | None = None) -> int:
    """The same from a command line; the exit status."""
    parser = argparse.ArgumentParser(description="Install Mocap Bridge into Maya, or remove it.")
    parser.add_argument("--folder", type=Path, help="a folder of MAYA_MODULE_PATH")
    parser.add_argument("--link", action="store_true", help="copy nothing, use this folder")
    parser.add_argument("--uninstall", action="store_true", help="remove it")
    told = parser.parse_args(arguments)
    target = told.folder or modules_folder()
    try:
        if told.uninstall:
            there = uninstall(target)
            print(f"removed from {target}" if there else f"it is not installed in {target}")
        else:
            print(f"installed: {install(target, told.link)}")
            print("start Maya: there is a shelf Mocap")
    except InstallError as error:
        print(f"install_mocap_bridge: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
