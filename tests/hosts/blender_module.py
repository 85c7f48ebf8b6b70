"""Blender as a module of Python; whoever imports this is skipped where it is not installed."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    bpy: Any = pytest.importorskip("bpy", reason="Blender's module bpy is not installed")
