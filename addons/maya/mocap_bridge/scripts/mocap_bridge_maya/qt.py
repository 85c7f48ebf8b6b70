"""Qt as Maya brings it: PySide6 from Maya 2025 on, PySide2 before. What both have is used."""

from __future__ import annotations

try:
    from PySide6 import QtCore, QtGui, QtWidgets
except ImportError:
    from PySide2 import QtCore, QtGui, QtWidgets  # type: ignore[import-not-found,no-redef]

Qt = QtCore.Qt

__all__ = ["Qt", "QtCore", "QtGui", "QtWidgets"]
