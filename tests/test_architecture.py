"""The rules of ARCHITECTURE.md, checked on the imports that the code really has."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mocap", "exporters")

# A module may import from its own layer and from those below it. Longest prefix wins.
LAYERS = [
    {"mocap", "mocap.errors", "mocap.closing"},
    {"mocap.arrays"},
    {"mocap.rotation", "mocap.filters", "mocap.body_filters"},
    {"mocap.frame", "mocap.camera", "mocap.skeleton", "mocap.landmarks"},
    {"mocap.motion", "mocap.skeletons", "mocap.metrics", "mocap.truth", "mocap.sample"},
    {"mocap.take", "mocap.bone_map", "mocap.stance", "mocap.retarget", "mocap.smoothing"},
    {"mocap.sources", "mocap.estimators", "mocap.solve"},
    {
        "mocap.stillness",
        "mocap.lookout",
        "mocap.detect",
        "mocap.nobody",
        "mocap.people",
        "mocap.capture",
    },
    {"mocap.movie", "mocap.preview"},
    {"exporters"},
    {"mocap.rigs", "mocap.report", "mocap.doctor"},
    {"mocap.cli", "mocap.__main__"},
]

# Who may import a package from outside the standard library.
THIRD_PARTY = {
    "mediapipe": {"mocap.estimators.blazepose", "mocap.estimators.bundle"},
    "av": {"mocap.sources.decode", "mocap.movie"},
    "cv2": {"mocap.sources.opencv", "mocap.stillness", "mocap.preview"},
    "PIL": {"mocap.sources.lens"},
    "threadpoolctl": {"mocap.solve.one_thread"},
    "tqdm": {"mocap.cli.progress"},
    "matplotlib": {"mocap.report.sheet"},
    "scipy": {
        "mocap.estimators.tracker",
        "mocap.filters",
        "mocap.solve.contact",
        "mocap.solve.dynamics",
        "mocap.solve.feet",
        "mocap.solve.normal",
    },
}
EVERYWHERE = {"numpy"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    """Absolute names of everything a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


FOUND = list(modules())
NAMES = {name for name, _ in FOUND}
MODULES = pytest.mark.parametrize(("name", "path"), FOUND, ids=[name for name, _ in FOUND])


def layer(module: str) -> int:
    known = {name: i for i, names in enumerate(LAYERS) for name in names}
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        if prefix in known and (prefix != "mocap" or module == "mocap"):
            return known[prefix]
    raise AssertionError(f"{module} is in no layer; add it to LAYERS and to ARCHITECTURE.md")


@MODULES
def test_a_module_imports_only_its_own_layer_and_those_below(name: str, path: Path) -> None:
    for imported in set(imports(path)) & NAMES:
        assert layer(imported) <= layer(name), f"{name} must not import {imported}"


@MODULES
def test_a_package_has_few_importers(name: str, path: Path) -> None:
    ours_or_standard = {*PACKAGES, *sys.stdlib_module_names, *EVERYWHERE}
    for imported in {i.split(".")[0] for i in imports(path)} - ours_or_standard:
        assert name in THIRD_PARTY.get(imported, set()), f"{name} must not import {imported}"


def test_every_name_of_the_tables_exists() -> None:
    listed = {name for names in LAYERS for name in names} | set().union(*THIRD_PARTY.values())
    assert listed <= NAMES
