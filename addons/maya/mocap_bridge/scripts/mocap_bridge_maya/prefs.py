"""What a user has chosen for all scenes: the address of the server, and how keys are written.

The token is a secret that scenes would carry to others, so it is kept here, too.
"""

from __future__ import annotations

from typing import Any

from .shared.address import DEFAULT_URL

PREFIX = "mocapBridge_"
DEFAULTS = {
    "url": DEFAULT_URL,
    "token": "",
    "rate": "RESAMPLE",  # or "SCENE", as commands.stop has it
    "on_server": "",  # "1": record there, too
    "open": "people,characters,record",  # parts of the panel that are unfolded
}


class Preferences:
    """Texts by the names of `DEFAULTS`; this one forgets them when the program ends."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, name: str) -> str:
        """What was kept, or the default."""
        return self._kept.get(name, DEFAULTS[name])

    def set(self, name: str, text: str) -> None:
        """Keep a text."""
        self._kept[name] = text


class MayaPreferences(Preferences):
    """Those of Maya's user, as optionVars."""

    def get(self, name: str) -> str:
        from maya import cmds

        if not cmds.optionVar(exists=PREFIX + name):
            return DEFAULTS[name]
        kept: Any = cmds.optionVar(query=PREFIX + name)  # type: ignore[call-overload]
        return str(kept)

    def set(self, name: str, text: str) -> None:
        from maya import cmds

        cmds.optionVar(stringValue=(PREFIX + name, text))
