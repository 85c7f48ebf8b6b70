"""The panel of Mocap Bridge: parts in sections that fold, below each other.

It shows what is and keeps nothing: five times a second every part reads the session and the scene
anew and changes what differs. What its buttons do is in `commands`.
"""

from __future__ import annotations

from typing import Callable

from .hand import Hand
from .live import Session
from .panel_characters import Bones, Characters
from .panel_live import Options, People, Server
from .panel_takes import Import, Record
from .prefs import Preferences
from .qt import Qt, QtCore, QtWidgets
from .widgets import AMBER, GAP, GREEN, Notice, Section, calmed, column

REFRESH = 200  # [ms] between two looks at the session


class Panel(QtWidgets.QWidget):
    """Everything about one session.

    Args:
        session: what is shown and changed.
        preferences: of its user.
        begin_to_tick: has the session ticked; called when it was connected.
    """

    def __init__(
        self, session: Session, preferences: Preferences, begin_to_tick: Callable[[], None]
    ) -> None:
        super().__init__()
        self._preferences = preferences
        hand = Hand(session, preferences, begin_to_tick, self.tell, self.refresh)
        self.server, self.people = Server(hand), People(hand)
        self.characters = Characters(hand)
        self.bones = Bones(hand, self.characters)
        self.record, self.load, self.options = Record(hand), Import(hand), Options(hand)
        self.parts = (
            self.server,
            self.people,
            self.characters,
            self.bones,
            self.record,
            self.load,
            self.options,
        )
        self.told = Notice()
        self.sections: dict[str, Section] = {}
        content = QtWidgets.QWidget()
        layout = QtWidgets.QVBoxLayout(content)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.server)
        layout.addWidget(self.told)
        layout.addWidget(self._section("people", "People", self.people))
        layout.addWidget(self._section("characters", "Characters", self.characters))
        layout.addWidget(self._section("bones", "Bones", self.bones))
        layout.addWidget(self._section("record", "Record", self.record))
        layout.addWidget(self._section("import", "Import", self.load))
        layout.addWidget(self._section("server", "Server options", self.options))
        layout.addStretch(1)
        self.area = QtWidgets.QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(content)
        self.setLayout(column(self.area))
        self.setMinimumWidth(240)
        calmed(self)
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(REFRESH)
        self.refresh()

    def _section(self, name: str, title: str, part: QtWidgets.QWidget) -> Section:
        opened = self._preferences.get("open").split(",")
        made = Section(title, name in opened, lambda _: self._folded())
        made.body.addWidget(part)
        self.sections[name] = made
        return made

    def _folded(self) -> None:
        opened = [name for name, section in self.sections.items() if section.is_open]
        self._preferences.set("open", ",".join(opened))
        self.refresh()

    def tell(self, text: str, is_problem: bool) -> None:
        """Show what came of something that was done."""
        self.told.tell(text, AMBER if is_problem else GREEN)

    def refresh(self) -> None:
        """Show everything as it is now."""
        for part in self.parts:
            part.refresh()
