"""Motion capture of people in Maya: live, recorded and from files.

Maya itself is used by `maya_scene`, `maya_nodes`, `maya_keys` and `humanik`, Qt by the panel and
what it is docked with. All else is plain Python without either, and works on a `scene.Scene`.
"""
