"""The parts of the panel about takes: recording what comes, and files."""

from __future__ import annotations

from . import commands
from .hand import Hand
from .qt import QtWidgets
from .widgets import AMBER, RED, Notice, button, choice, chosen, column, row

RATES = [("RESAMPLE", "At the frames of the scene"), ("SCENE", "Scene takes the camera's rate")]
ONTO = [
    ("characters", "The characters above"),
    ("selected", "The selected rig"),
    ("new", "New skeletons"),
]
STOP = "#b04a3e"  # colour of the button that ends a recording
FILES = "Motion (*.json *.jsonl *.bvh);;Takes (*.json *.jsonl);;Biovision (*.bvh);;All files (*)"


class Record(QtWidgets.QWidget):
    """Motion kept as keys."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self.name = QtWidgets.QLineEdit()
        self.name.setPlaceholderText("named by date and time")
        self.name.setMinimumWidth(60)
        self.on_server = QtWidgets.QCheckBox("Also on the server")
        self.on_server.setToolTip(
            "The server records too: everyone, at its own rate, into its folder of takes"
        )
        self.on_server.setChecked(bool(hand.preferences.get("on_server")))
        self.rate = choice(RATES, "Where the keys are written")
        chosen(self.rate, hand.preferences.get("rate"))
        self.record = button(
            "Record", "Record everyone who has a character", self._toggle, tall=True
        )
        self.discard = button(
            "Discard", "Forget what was recorded", lambda: hand.do(commands.discard), tall=True
        )
        self.state = Notice()
        buttons = row(self.record, self.discard)
        buttons.setStretch(0, 2)
        buttons.setStretch(1, 1)
        self.setLayout(
            column(
                row("Name", self.name),
                row("Keys", self.rate),
                row("", self.on_server),
                buttons,
                self.state,
            )
        )
        self.on_server.clicked.connect(
            lambda on: hand.preferences.set("on_server", "1" if on else "")
        )
        self.rate.activated.connect(lambda _: hand.preferences.set("rate", self.rate.currentData()))

    def _toggle(self) -> None:
        hand = self._hand
        if commands.is_recording(hand.session):
            hand.do(commands.stop, hand.preferences.get("rate"))
        else:
            hand.do(commands.record, self.name.text(), self.on_server.isChecked())

    def refresh(self) -> None:
        """Show whether and how long it records."""
        session = self._hand.session
        recording, running = session.recording, commands.is_recording(session)
        self.name.setEnabled(not running)
        self.on_server.setEnabled(not running)
        self.record.setText("Stop" if running else "Record")
        self.record.setEnabled(running or session.is_connected)
        self.record.setStyleSheet(
            f"QPushButton {{ background: {STOP}; color: white; font-weight: bold; border: none;"
            " border-radius: 2px; }"
            if running
            else ""
        )
        self.discard.setVisible(running)
        if not running:
            self.state.tell("", RED)
        elif recording.problem:
            self.state.tell(recording.problem, AMBER)
        else:
            self.state.tell(f"{recording.name}: {recording.seconds:.1f} s", RED)


class Import(QtWidgets.QWidget):
    """Motion that was captured before."""

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self._own = False  # whether its user has chosen onto what
        self.onto = choice(ONTO, "What gets the motion")
        self.load = button(
            "Import a File...",
            "A take (.json, .jsonl), a BVH, or 3d_data.json",
            self._import,
            tall=True,
        )
        self.setLayout(column(row("Onto", self.onto), self.load))
        self.onto.activated.connect(lambda _: setattr(self, "_own", True))

    def _import(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "Import Motion", "", FILES)
        if path:
            rate = self._hand.preferences.get("rate")
            self._hand.do(commands.import_file, path, self.onto.currentData(), rate)

    def refresh(self) -> None:
        """Offer what is most likely wanted, until its user has chosen."""
        if not self._own:
            chosen(self.onto, commands.usual_onto(self._hand.session))
