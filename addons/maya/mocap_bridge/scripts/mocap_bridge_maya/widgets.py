"""Small parts that the panel is made of, in the colours of whatever Maya wears."""

from __future__ import annotations

from typing import Callable

from .qt import Qt, QtCore, QtGui, QtWidgets

GAP = 4  # [px at 100 %] between things
LONGEST = "Look-ahead"  # of the words before a field
TALL = 2.2  # lines of text, height of the buttons that matter
GREEN, AMBER, RED, GREY = "#7fb069", "#e0a84c", "#d9604f", "#8a8a8a"


class Section(QtWidgets.QWidget):
    """Something with a title that folds, as the frames of Maya's editors do.

    Args:
        title: of it.
        is_open: whether it is unfolded.

    Attributes:
        body: layout for what is in it.
        folded: told whether it is open, each time that its user folds or unfolds it.
    """

    def __init__(self, title: str, is_open: bool, folded: Callable[[bool], None]) -> None:
        super().__init__()
        self._folded = folded
        self.header = QtWidgets.QToolButton()
        self.header.setText(title)
        self.header.setCheckable(True)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
        )
        self.header.setStyleSheet(
            "QToolButton { background: palette(button); border: none; border-radius: 2px;"
            " font-weight: bold; padding: 3px; text-align: left; }"
        )
        self._inside = QtWidgets.QWidget()
        self.body = QtWidgets.QVBoxLayout(self._inside)
        self.body.setContentsMargins(GAP, GAP, GAP, 2 * GAP)
        self.body.setSpacing(GAP)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._inside)
        self.header.toggled.connect(self._show)
        self.header.clicked.connect(self._folded)
        self.header.setChecked(is_open)
        self._show(is_open)

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded."""
        return self.header.isChecked()

    def _show(self, is_open: bool) -> None:
        self.header.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._inside.setVisible(is_open)


class Elided(QtWidgets.QLabel):
    """A text in one line, with dots where there is no room; the whole of it as a tip."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred
        )
        self.tell(text)

    def tell(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """Cut the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, max(self.width(), 20)
        )
        if room != self.text():
            self.setText(room)


class Notice(QtWidgets.QLabel):
    """A sentence in as many lines as it needs, beside a coloured bar; hidden while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setMinimumWidth(40)
        self._colour = ""
        self.tell("", GREY)

    def tell(self, text: str, colour: str) -> None:
        """Show a sentence, with a bar of this colour."""
        if text != self.text():
            self.setText(text)
        if colour != self._colour:
            self._colour = colour
            self.setStyleSheet(
                f"QLabel {{ border-left: 3px solid {colour}; padding: 3px 3px 3px 6px;"
                " background: palette(base); }"
            )
        self.setVisible(bool(text))


class Dot(QtWidgets.QWidget):
    """A small disc that tells a state by its colour."""

    def __init__(self, colour: str = GREY) -> None:
        super().__init__()
        size = lines(self, 0.7)
        self.setFixedSize(size, size)
        self.colour = colour

    def tell(self, colour: str) -> None:
        """Take another colour."""
        if colour != self.colour:
            self.colour = colour
            self.update()

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        """Draw it."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(self.colour))
        painter.drawEllipse(self.rect())
        painter.end()


class Calm(QtCore.QObject):
    """Keeps the wheel from changing fields that the mouse only passes while it scrolls."""

    def eventFilter(self, thing: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Give the wheel to the panel behind, unless the field has the focus."""
        if event.type() == QtCore.QEvent.Type.Wheel and not thing.hasFocus():  # type: ignore[attr-defined]
            event.ignore()
            return True
        return False


def calmed(owner: QtWidgets.QWidget) -> None:
    """Have every field in a widget ignore the wheel until it is clicked."""
    guard = Calm(owner)
    for kind in (QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox):
        for field in owner.findChildren(kind):
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(guard)


def row(*parts: QtWidgets.QWidget | str) -> QtWidgets.QHBoxLayout:
    """Things beside each other; a text first is the label before a field."""
    layout = QtWidgets.QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP)
    for part in parts:
        if isinstance(part, str):
            label = QtWidgets.QLabel(part)
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(LONGEST) + GAP)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(label)
        else:
            layout.addWidget(part)
    return layout


def button(
    text: str, tip: str, act: Callable[[], object], tall: bool = False
) -> QtWidgets.QPushButton:
    """A button that shares a row evenly with others."""
    made = QtWidgets.QPushButton(text)
    made.setToolTip(tip)
    made.setMinimumWidth(30)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    if tall:
        made.setMinimumHeight(lines(made, TALL))
    made.clicked.connect(lambda *_: act())
    return made


def choice(entries: list[tuple[str, str]], tip: str) -> QtWidgets.QComboBox:
    """A field with entries, (value, words) each, that gets as narrow as it must."""
    made = QtWidgets.QComboBox()
    made.setToolTip(tip)
    made.setMinimumWidth(60)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    for value, words in entries:
        made.addItem(words, value)
    return made


def chosen(field: QtWidgets.QComboBox, value: object) -> None:
    """Choose the entry of a value without telling anybody."""
    at = field.findData(value)
    if at != field.currentIndex():
        before = field.blockSignals(True)
        field.setCurrentIndex(at)
        field.blockSignals(before)


def lines(widget: QtWidgets.QWidget, count: float) -> int:
    """[px] height of so many lines of a widget's text, however large its user wants it."""
    return round(count * widget.fontMetrics().lineSpacing())


def faint(label: QtWidgets.QLabel) -> QtWidgets.QLabel:
    """A label for what matters less."""
    label.setStyleSheet(f"color: {GREY};")
    return label


def frame(layout: QtWidgets.QLayout) -> QtWidgets.QWidget:
    """A widget around a layout, so that it can be hidden or switched off at once."""
    made = QtWidgets.QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    made.setLayout(layout)
    return made


def column(*parts: QtWidgets.QWidget | QtWidgets.QLayout) -> QtWidgets.QVBoxLayout:
    """Things below each other."""
    layout = QtWidgets.QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP)
    for part in parts:
        if isinstance(part, QtWidgets.QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout
