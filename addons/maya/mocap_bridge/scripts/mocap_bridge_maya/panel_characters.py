"""The parts of the panel about characters: who follows whom, how, and by which bones."""

from __future__ import annotations

from typing import Any, Callable

from . import commands, humanik, rig
from .characters import Character
from .hand import Hand
from .qt import Qt, QtCore, QtGui, QtWidgets
from .shared.bones import BONES
from .shared.errors import RigError
from .shared.words import spoken
from .widgets import (
    AMBER,
    GREY,
    RED,
    Notice,
    button,
    choice,
    chosen,
    column,
    faint,
    frame,
    lines,
    row,
)

SCALES = [("LEGS", "Leg length"), ("ONE", "None"), ("CUSTOM", "Factor")]
TRAVELS = [
    ("HIPS", "The hips joint travels"),
    ("ROOT", "The root joint travels"),
    ("PLACE", "Stays in place"),
]
MAPS = "Bone map (*.json)"
NOBODY = "-"
HINT = "Select any joint of your rig in its rest pose, and add it; or make a new skeleton above."
NODE = Qt.ItemDataRole.UserRole  # where a line of a list keeps what it is about


class Characters(QtWidgets.QWidget):
    """The list of characters, and how the chosen one follows."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self.list = QtWidgets.QTreeWidget()
        self.list.setHeaderLabels(["Character", "Follows"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFixedHeight(lines(self.list, 6.5))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self.hint = faint(QtWidgets.QLabel(HINT))
        self.hint.setWordWrap(True)
        self.add = button(
            "Add Selected Rig",
            "The rig of the selected joint follows a person; it has to stand in its rest pose",
            lambda: hand.do(commands.add_rig),
        )
        self.remove = button("Remove", "Take it off the list; the rig stays as it is", self._remove)
        self.problem = Notice()
        self.person = QtWidgets.QSpinBox()
        self.person.setRange(0, 9999)
        self.person.setToolTip("Number of the person to follow, as above")
        self.travel = choice(TRAVELS, "What carries the way through the room")
        self.scale = choice(SCALES, "How far the character goes for each step of the person")
        self.factor = QtWidgets.QDoubleSpinBox()
        self.factor.setRange(0.001, 1000.0)
        self.factor.setSingleStep(0.1)
        self.factor.setDecimals(3)
        self.details = frame(
            column(
                row("Person", self.person),
                row("Travel", self.travel),
                row("Scale", self.scale, self.factor),
            )
        )
        buttons = row(self.add, self.remove)
        buttons.setStretch(0, 3)
        buttons.setStretch(1, 2)
        self.setLayout(column(self.hint, self.list, buttons, self.problem, self.details))
        # the list must not be made anew while it tells something: Qt would go on with items gone
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._switched)
        self.list.itemChanged.connect(lambda *_: self._soon.start(0))
        self.list.currentItemChanged.connect(lambda *_: self._soon.start(0))
        self.person.valueChanged.connect(lambda number: self._change(person=int(number)))
        self.travel.activated.connect(lambda _: self._travel())
        self.scale.activated.connect(lambda _: self._change(scale=self.scale.currentData()))
        self.factor.valueChanged.connect(lambda value: self._change(factor=float(value)))

    def chosen(self) -> Character | None:
        """The character chosen in the list, as it is in the scene now."""
        item = self.list.currentItem()
        node = item.data(0, NODE) if item is not None else None
        return next((one for one in self._hand.session.characters() if one.node == node), None)

    def _change(self, **values: object) -> None:
        one = self.chosen()
        if one is not None:
            self._hand.do(commands.change, one.node, **values)

    def _travel(self) -> None:
        travel = self.travel.currentData()
        if travel == "PLACE":
            self._change(in_place=True)
        else:
            self._change(in_place=False, root=travel)

    def _remove(self) -> None:
        one = self.chosen()
        if one is not None:
            self._hand.do(commands.remove, one.node)

    def _switched(self) -> None:
        """Another one was chosen, or somebody's tick was set or taken away."""
        for item, one in zip(self._items(), self._hand.session.characters()):
            enabled = item.checkState(0) == Qt.CheckState.Checked
            if item.data(0, NODE) == one.node and enabled != one.enabled:
                self._hand.do(commands.change, one.node, enabled=enabled)
        self._hand.refresh()

    def _items(self) -> list[Any]:
        return [self.list.topLevelItem(i) for i in range(self.list.topLevelItemCount())]

    def refresh(self) -> None:
        """Show what the scene says."""
        session = self._hand.session
        known = session.characters()
        self._list(known)
        self.hint.setVisible(not known)
        self.list.setVisible(bool(known))
        one = self.chosen()
        self.remove.setEnabled(one is not None)
        self.details.setVisible(one is not None)
        node = one.node if one is not None else ""
        problem, note = session.problems.get(node, ""), session.notes.get(node, "")
        self.problem.tell(problem or note, AMBER if problem else GREY)
        if one is None:
            return
        settings = one.settings
        fields: tuple[tuple[Any, float], ...] = (
            (self.person, one.person),
            (self.factor, settings.factor),
        )
        for field, value in fields:
            if not field.hasFocus() and field.value() != value:
                before = field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(before)
        chosen(self.travel, "PLACE" if settings.in_place else settings.root)
        chosen(self.scale, settings.scale)
        self.factor.setVisible(settings.scale == "CUSTOM")

    def _list(self, known: list[Character]) -> None:
        """Show the characters; the list is made anew only where there are others."""
        if self._soon.isActive():
            return  # what its user did there comes first
        nodes = [one.node for one in known]
        shown = [item.data(0, NODE) for item in self._items()]
        silent = self.list.blockSignals(True)
        if nodes != shown:
            last = self.list.currentItem()
            before = last.data(0, NODE) if last is not None else None
            new = [node for node in nodes if node not in shown]
            self.list.clear()
            for node in nodes:
                item = QtWidgets.QTreeWidgetItem()
                item.setData(0, NODE, node)
                self.list.addTopLevelItem(item)
                if node == before or node in new or self.list.currentItem() is None:
                    self.list.setCurrentItem(item)
        for item, one in zip(self._items(), known):
            name = self._hand.session.scene.name_of(one.node)
            item.setText(0, name)
            item.setToolTip(0, name)
            item.setText(1, f"Person {one.person}")
            state = Qt.CheckState.Checked if one.enabled else Qt.CheckState.Unchecked
            item.setCheckState(0, state)
            brush = QtGui.QBrush() if one.enabled else QtGui.QBrush(QtGui.QColor(GREY))
            for part in (0, 1):
                item.setForeground(part, brush)
        self.list.blockSignals(silent)


class Bones(QtWidgets.QWidget):
    """Which joint plays which bone of the chosen character, and its T-pose."""

    def __init__(self, hand: Hand, characters: Characters) -> None:
        super().__init__()
        self._hand, self._characters = hand, characters
        self._shown: object = None
        self.list = QtWidgets.QTreeWidget()
        self.list.setHeaderLabels(["Bone", "Joint"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFixedHeight(lines(self.list, 13))
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self.joint = choice([], "Which joint plays the bone chosen in the list")
        self.detect = button(
            "Detect", "Find the bones anew; your own choices are lost", self._do(commands.detect)
        )
        self.read = button("Read...", "Take the bones from a JSON file", self._read)
        self.write = button("Write...", "Write the bones to a JSON file", self._write)
        self.store = button(
            "Store T-Pose",
            "The rig stands in a T-pose now: arms straight out sideways, palms down, feet forward",
            self._do(commands.store_rest),
        )
        self.go = button(
            "Go to T-Pose", "Put the rig into its stored T-pose", self._do(commands.to_rest)
        )
        self.define = button(
            "Define for HumanIK",
            "A HumanIK definition of these joints, so that other characters can take it as source",
            lambda: self._on(commands.characterise, humanik.MayaCalls()),
        )
        self.empty = faint(QtWidgets.QLabel("Choose a character"))
        self.filled = frame(
            column(
                self.list,
                row("Joint", self.joint),
                row(self.detect, self.read, self.write),
                row(self.store, self.go),
                self.define,
            )
        )
        self.setLayout(column(self.empty, self.filled))
        self.list.currentItemChanged.connect(lambda *_: self._show_joint())
        self.joint.activated.connect(lambda _: self._choose())

    def _do(self, command: Callable[..., Any]) -> Callable[[], None]:
        return lambda: self._on(command)

    def _on(self, command: Callable[..., Any], *more: object) -> None:
        one = self._characters.chosen()
        if one is not None:
            self._hand.do(command, one.node, *more)

    def _read(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "Read Bones", "", MAPS)
        if path:
            self._on(commands.read_map, path)

    def _write(self) -> None:
        path, _ = QtWidgets.QFileDialog.getSaveFileName(self, "Write Bones", "", MAPS)
        if path:
            self._on(commands.write_map, path)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            human = item.data(0, NODE)
            self._on(commands.set_bone, human, self.joint.currentData())

    def refresh(self) -> None:
        """Show the bones of the chosen character."""
        one = self._characters.chosen()
        self.empty.setVisible(one is None)
        self.filled.setVisible(one is not None)
        if one is None or not self.isVisible():
            return
        wanted = (one.node, one.settings.pairs, tuple(self._names_of(one)))
        if wanted == self._shown:
            return
        self._shown = wanted
        pairs, names = dict(one.settings.pairs), self._names_of(one)
        item = self.list.currentItem()
        before = item.data(0, NODE) if item is not None else "hips"
        silent = self.list.blockSignals(True)
        self.list.clear()
        for human in BONES:
            joint = pairs.get(human, "")
            line = QtWidgets.QTreeWidgetItem([spoken(human), joint])
            line.setData(0, NODE, human)
            if joint and joint not in names:
                line.setForeground(1, QtGui.QBrush(QtGui.QColor(RED)))
                line.setToolTip(1, f"the rig has no joint {joint}")
            self.list.addTopLevelItem(line)
            if human == before:
                self.list.setCurrentItem(line)
        self.list.blockSignals(silent)
        self.joint.clear()
        self.joint.addItem(NOBODY, "")
        for name in names:
            self.joint.addItem(name, name)
        self._show_joint()

    def _names_of(self, one: Character) -> list[str]:
        """Names of a rig's joints."""
        try:
            return rig.names_of(self._hand.session.scene, one.node)
        except RigError:
            return []

    def _show_joint(self) -> None:
        item = self.list.currentItem()
        chosen(self.joint, item.text(1) if item is not None else "")
