"""Maya runs this when it starts: the shelf appears once, as soon as there is a window."""

from maya import cmds

if not cmds.about(batch=True):
    cmds.evalDeferred(
        "import mocap_bridge_maya.shelf; mocap_bridge_maya.shelf.build_once()", lowestPriority=True
    )
