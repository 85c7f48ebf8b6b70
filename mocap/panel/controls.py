"""The commands in the panel: record, calibrate, options, takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mocap import skeletons
from mocap.body_filters import FILTERS, Filter, parse
from mocap.errors import MocapError
from mocap.panel import words
from mocap.panel.export import AS_CAPTURED, writable_formats
from mocap.panel.web import Client, Icon, Web
from mocap.stream.commands import (
    LONGEST_NAME,
    LONGEST_NOTE,
    Calibrate,
    Command,
    Control,
    ListTakes,
    Record,
    Set,
    Stop,
)

NO_TAKES = "no takes yet"
UNKNOWN = object()
RED, TEAL = (214, 69, 69), (35, 140, 150)
DELAY = 3.0  # [s] before a calibration
Say = Callable[[Client | None, str, bool], None]  # to whom (None: everyone), what, is it an error
Export = Callable[[str, str, str], None]  # take, format, skeleton


class Controls:
    """The main panel.

    Args:
        web: where it is shown.
        control: obeys.
        say: shows what came of a command.
        export: begins to write a take as another file.
        look: turns the camera of a browser to the people.
    """

    def __init__(
        self, web: Web, control: Control, say: Say, export: Export, look: Callable[[Client], None]
    ) -> None:
        self._web, self._control, self._say = web, control, say
        self._export, self._look = export, look
        self._ready_at: float | None = None  # [s] on the session's clock: end of the countdown
        self._takes: list[str] = []
        gui = web.gui
        self._state = gui.add_html("")
        self._countdown = gui.add_html("", visible=False)
        look_button = gui.add_button("Look at people", icon=Icon.FOCUS_CENTERED, color="gray")
        look_button.on_click(lambda event: self._looked(event.client))
        self._follow = gui.add_checkbox("Follow", True, hint="people who go away")
        tabs = gui.add_tab_group()
        with tabs.add_tab("Capture", Icon.VIDEO):
            self._add_recording()
            self._add_calibration()
        with tabs.add_tab("Options", Icon.ADJUSTMENTS):
            self._add_options()
        with tabs.add_tab("Takes", Icon.MOVIE):
            self._add_takes()

    # -- what is shown

    def update(self, status: dict[str, Any]) -> None:
        """Show how the session is doing."""
        self._state.content = words.state(status)
        self._recording.content = words.recording(status)
        on = bool(status.get("recording"))
        self._record.visible, self._stop.visible = not on, on
        self._show_options(status.get("options") or {})
        self._show_countdown()

    def _show_options(self, options: dict[str, Any]) -> None:
        """Options as they are now, whoever set them; those that there are not cannot be set."""
        for name, field in self._fields.items():
            field.disabled = name not in options
            if name in options and options[name] != self._shown.get(name, UNKNOWN):
                self._shown[name] = options[name]
                if name == "filter":
                    field.options = tuple(dict.fromkeys((*live_filters(), str(options[name]))))
                field.value = type(field.value)(options[name] or type(field.value)())

    def _show_countdown(self) -> None:
        left = None if self._ready_at is None else self._ready_at - self._control.clock()
        if left is not None and left > -2.0:
            self._countdown.content = words.countdown(left)
            self._countdown.visible = True
        elif self._ready_at is not None:
            self._ready_at = None
            self._countdown.visible = False

    @property
    def following(self) -> bool:
        """Whether cameras come along with people."""
        return bool(self._follow.value)

    @property
    def counting(self) -> bool:
        """Whether a countdown is to be shown."""
        return self._ready_at is not None

    def show_takes(self) -> None:
        """Fetch the list of takes."""
        names = [str(take["name"]) for take in self._control.obey(ListTakes())["takes"]]
        if names == self._takes:
            return
        newest_chosen = not self._takes or self._take.value in (self._takes[0], NO_TAKES)
        self._takes = names
        self._take.options = tuple(names) or (NO_TAKES,)
        if names and newest_chosen:
            self._take.value = names[0]
        self._export_button.disabled = not names

    def show_outcome(self, text: str, wrong: bool) -> None:
        """What came of the last export."""
        self._outcome.content = words.outcome(text, wrong)

    def busy(self, on: bool) -> None:
        """Whether an export is under way."""
        self._export_button.disabled = on or not self._takes
        self._progress.visible = on

    # -- what is asked

    def _ask(self, client: Client | None, make: Callable[[], Command]) -> dict[str, Any] | None:
        """What a command comes to; a refusal is shown to who asked."""
        try:
            return self._control.obey(make())
        except MocapError as error:
            self._say(client, str(error), True)
            return None

    def _looked(self, client: Client | None) -> None:
        if client is not None:
            self._look(client)

    def _add_recording(self) -> None:
        gui = self._web.gui
        with gui.add_folder("Record"):
            self._name = gui.add_text("Name", "", hint="of the take; empty for date and time")
            self._note = gui.add_text("Note", "", hint="anything worth remembering about it")
            self._record = gui.add_button("Record", color=RED, icon=Icon.PLAYER_RECORD_FILLED)
            self._stop = gui.add_button(
                "Stop", color=RED, icon=Icon.PLAYER_STOP_FILLED, visible=False
            )
            self._recording = gui.add_html("")
        self._record.on_click(lambda event: self._begin(event.client))
        self._stop.on_click(lambda event: self._end(event.client))

    def _begin(self, client: Client | None) -> None:
        name, note = self._name.value.strip(), self._note.value.strip()
        begun = self._ask(client, lambda: Record(name[:LONGEST_NAME] or None, note[:LONGEST_NOTE]))
        if begun is not None:
            self._record.visible, self._stop.visible = False, True

    def _end(self, client: Client | None) -> None:
        if self._ask(client, Stop) is not None:  # a note of the session tells what was recorded
            self._record.visible, self._stop.visible = True, False
            self.show_takes()

    def _add_calibration(self) -> None:
        gui = self._web.gui
        with gui.add_folder("Calibrate"):
            self._tall = gui.add_number(
                "Your height m (0: not known)", 0.0, min=0.0, max=3.0, step=0.01,
                hint="of who stands in the T-pose",
            )  # fmt: skip
            button = gui.add_button("Calibrate in a T-pose", color=TEAL, icon=Icon.MAN)
        button.on_click(lambda event: self._calibrate(event.client))

    def _calibrate(self, client: Client | None) -> None:
        begun = self._ask(client, lambda: Calibrate(self._tall.value or None, DELAY))
        if begun is not None:
            self._ready_at = self._control.clock() + float(begun.get("delay", DELAY))
            self._show_countdown()

    def _add_options(self) -> None:
        gui = self._web.gui
        self._fields: dict[str, Any] = {
            "smoothing": gui.add_checkbox("Smoothing", True, hint="of the solve"),
            "look_ahead": gui.add_slider(
                "Look-ahead", 0, 5, 1, 0,
                hint="frames by which poses come later and steadier",
            ),
            "people": gui.add_number("People", 0, min=0, max=8, hint="at most; 0 for everyone"),
            "height": gui.add_number(
                "Height m (0: not known)", 0.0, min=0.0, max=3.0, step=0.01, hint="of everyone"
            ),
            "filter": gui.add_dropdown(
                "Filter", tuple(live_filters()), hint="that poses go through afterwards"
            ),
        }  # fmt: skip
        self._shown: dict[str, Any] = {}
        for name, field in self._fields.items():
            field.on_update(self._setting(name))

    def _setting(self, name: str) -> Callable[[Any], None]:
        def changed(event: Any) -> None:
            if event.client is None:  # shown, not set
                return
            value = event.target.value
            if name == "height":
                value = value or None
            if self._ask(event.client, lambda: Set(name, value)) is None:
                self._shown.pop(name, None)  # as it was
            else:
                self._shown[name] = value

        return changed

    def _add_takes(self) -> None:
        gui = self._web.gui
        self._take: Any = gui.add_dropdown("Take", (NO_TAKES,))
        self._format = gui.add_dropdown("Format", tuple(writable_formats()))
        self._skeleton = gui.add_dropdown("Skeleton", (AS_CAPTURED, *skeletons.names()))
        self._export_button = gui.add_button(
            "Export", color=TEAL, icon=Icon.FILE_EXPORT, disabled=True
        )
        self._progress = gui.add_progress_bar(100.0, animated=True, visible=False)
        self._outcome = gui.add_html("")
        self._export_button.on_click(
            lambda _: self._export(self._take.value, self._format.value, self._skeleton.value)
        )


def live_filters() -> list[str]:
    """The filters that can work live, as they are written with their usual parameters."""
    kinds = FILTERS.values()
    return [str(parse(kind.name)) for kind in kinds if kind.live is not Filter.live]
