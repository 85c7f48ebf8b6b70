"""The parts of the panel about the server: where and how it is, who is seen, its options."""

from __future__ import annotations

from typing import Any

from . import commands
from .hand import Hand
from .qt import QtWidgets
from .shared.words import is_elsewhere
from .widgets import (
    AMBER,
    GAP,
    GREEN,
    GREY,
    RED,
    TALL,
    Dot,
    Elided,
    Notice,
    button,
    column,
    faint,
    frame,
    lines,
    row,
)

SEEN = {"tracked": (GREEN, ""), "held": (AMBER, "out of sight"), "lost": (GREY, "lost")}
MOST_LOOK_AHEAD = 5  # frames that a server waits at most


class Server(QtWidgets.QWidget):
    """Where the motion comes from, and whether it comes."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self.url = QtWidgets.QLineEdit(hand.preferences.get("url"))
        self.url.setToolTip("Address that mocap live prints when it starts")
        self.url.setMinimumWidth(60)
        self.token = QtWidgets.QLineEdit(hand.preferences.get("token"))
        self.token.setToolTip("A server on another computer prints it. It is not kept in scenes")
        self.token.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self.token.setMinimumWidth(60)
        self.token_row = frame(row("Token", self.token))
        self.connect_button = button(
            "Connect", "Follow the server, also when it comes back", self._toggle, tall=True
        )
        self.dot, self.text = Dot(), Elided()
        self.figures = faint(QtWidgets.QLabel())
        self.problem = Notice()
        self.state = frame(column(row(self.dot, self.text), row(self.figures)))
        layout = column(
            row("Address", self.url), self.token_row, self.connect_button, self.state, self.problem
        )
        self.setLayout(layout)
        self.url.textChanged.connect(lambda _: self._show_token())
        self.url.returnPressed.connect(self._toggle)
        self.token.returnPressed.connect(self._toggle)

    def _toggle(self) -> None:
        session = self._hand.session
        if session.client is not None:
            session.disconnect()
        else:
            url, token = self.url.text().strip(), self.token.text().strip()
            self._hand.preferences.set("url", url)
            self._hand.preferences.set("token", token)
            session.connect(url, token)
            if session.client is not None:
                self._hand.begin_to_tick()
        self._hand.refresh()

    def _show_token(self) -> None:
        self.token_row.setVisible(is_elsewhere(self.url.text()) or bool(self.token.text()))

    def refresh(self) -> None:
        """Show what is."""
        session = self._hand.session
        state, on = session.state(), session.client is not None
        flowing = session.is_connected
        for field in (self.url, self.token):
            field.setEnabled(not on)
        if not self.token.hasFocus():
            self._show_token()
        self.connect_button.setText("Disconnect" if on else "Connect")
        self.state.setVisible(on)
        self.dot.tell(GREEN if flowing else AMBER)
        self.text.tell(state["text"])
        self.figures.setText(figures(state) if flowing else "")
        self.figures.setVisible(flowing)
        if state["problem"]:
            self.problem.tell(state["problem"], AMBER if on else RED)
        else:
            self.problem.tell(state["message"] if on else "", GREY)


def figures(state: dict[str, Any]) -> str:
    """How fast frames come, how old they are, and how many were left out."""
    latency = state["latency_ms"]
    told = [f"{state['fps']:.0f} fps"]
    if latency is not None:
        told.append(f"{max(0.0, latency):.0f} ms old")
    told.append(f"{state['dropped']} dropped")
    return ", ".join(told)


class People(QtWidgets.QWidget):
    """Who is seen, and a button to have a skeleton made of whom nothing follows."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self._shown: object = None
        self.buttons: dict[int, QtWidgets.QPushButton] = {}
        self._layout = column()
        self.setLayout(self._layout)

    def refresh(self) -> None:
        """Show who is there; nothing is made anew while nothing changes."""
        session = self._hand.session
        follow: dict[int, list[str]] = {}
        for one in session.characters():
            follow.setdefault(one.person, []).append(session.scene.name_of(one.node))
        wanted = (session.client is not None, tuple(session.people), repr(sorted(follow.items())))
        if wanted == self._shown:
            return
        self._shown = wanted
        self.buttons = {}
        while self._layout.count():
            gone: Any = self._layout.takeAt(0).widget()  # type: ignore[union-attr]
            gone.hide()
            gone.deleteLater()
        for person, seen in session.people:
            self._layout.addWidget(self._line(person, seen, follow.get(person, [])))
        if not session.people:
            told = "Nobody is seen" if session.client is not None else "Connect to see people"
            self._layout.addWidget(faint(QtWidgets.QLabel(told)))

    def _line(self, person: int, seen: str, rigs: list[str]) -> QtWidgets.QWidget:
        colour, words = SEEN.get(seen, (GREY, seen))
        name = QtWidgets.QLabel(f"Person {person}  {words}".rstrip())
        if rigs:
            last: QtWidgets.QWidget = faint(Elided("moves " + ", ".join(rigs)))
        else:
            last = self.buttons[person] = button(
                "New Skeleton",
                "Make a skeleton with the bones of this person, which follows them",
                lambda: self._hand.do(commands.create_skeleton, person),
            )
            last.setSizePolicy(
                QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Fixed
            )
        line = row(Dot(colour), name, last)
        line.insertSpacing(2, 2 * GAP)
        if not rigs:
            line.insertStretch(2, 1)
        made = frame(line)
        made.setMinimumHeight(lines(made, TALL))
        return made


class Options(QtWidgets.QWidget):
    """What the server does, while it is there."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self.smoothing = QtWidgets.QCheckBox("Smoothing")
        self.smoothing.setToolTip("The server smooths what it sends, to everybody")
        self.look_ahead = QtWidgets.QSpinBox()
        self.look_ahead.setRange(0, MOST_LOOK_AHEAD)
        self.look_ahead.setSuffix(" frames")
        self.look_ahead.setToolTip("Poses come later and are steadier")
        self.calibrate = button(
            "Calibrate",
            "The server learns the lengths of the bones, the floor and where you look: stand in "
            "a T-pose until it says so",
            lambda: hand.do(commands.calibrate),
        )
        self.setLayout(
            column(row("", self.smoothing), row("Look-ahead", self.look_ahead), self.calibrate)
        )
        self.smoothing.clicked.connect(
            lambda on: hand.do(commands.set_option, "smoothing", bool(on))
        )
        self.look_ahead.valueChanged.connect(
            lambda count: hand.do(commands.set_option, "look_ahead", int(count))
        )

    def refresh(self) -> None:
        """Show what the server says."""
        session = self._hand.session
        told = commands.options(session)
        self.setEnabled(session.is_connected)
        self.smoothing.setChecked(bool(told.get("smoothing", True)))
        if not self.look_ahead.hasFocus():
            before = self.look_ahead.blockSignals(True)
            self.look_ahead.setValue(int(told.get("look_ahead", 3)))
            self.look_ahead.blockSignals(before)
