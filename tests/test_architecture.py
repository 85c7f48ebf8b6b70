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
    {"mocap", "mocap.errors", "mocap.closing", "mocap.threads"},
    {"mocap.arrays"},
    {"mocap.rotation", "mocap.interpolation", "mocap.filters", "mocap.body_filters"},
    {"mocap.frame", "mocap.camera", "mocap.skeleton", "mocap.landmarks"},
    {"mocap.safe_pickle", "mocap.archives", "mocap.layouts", "mocap.lifted", "mocap.completion"},
    {"mocap.weights", "mocap.fetch"},
    {"mocap.motion", "mocap.skeletons", "mocap.metrics", "mocap.truth", "mocap.sample"},
    {"mocap.take", "mocap.bone_map", "mocap.stance", "mocap.retarget", "mocap.smoothing"},
    {"mocap.sources", "mocap.estimators", "mocap.models", "mocap.solve"},
    {"mocap.keypoints"},
    {
        "mocap.stillness",
        "mocap.lookout",
        "mocap.detect",
        "mocap.nobody",
        "mocap.people",
        "mocap.capture",
        "mocap.lifting",
        "mocap.keypoint_capture",
    },
    {"mocap.figure", "mocap.stage", "mocap.movie", "mocap.preview"},
    {"mocap.stream", "mocap.client"},
    {"exporters"},
    {"mocap.rigs", "mocap.report", "mocap.render", "mocap.doctor", "mocap.addon"},
    {"mocap.datasets", "mocap.protocols", "mocap.evaluation"},
    {"mocap.training"},
    {"mocap.takes"},
    {"mocap.live"},
    {"mocap.panel"},
    {"mocap.cli", "mocap.__main__"},
]

# Who may import a package from outside the standard library.
THIRD_PARTY = {
    "mediapipe": {"mocap.estimators.blazepose", "mocap.estimators.bundle"},
    "av": {"mocap.sources.decode", "mocap.movie"},
    "cv2": {
        "mocap.sources.opencv",
        "mocap.stillness",
        "mocap.preview",
        "mocap.stage",
        "mocap.render.film",
    },
    "PIL": {"mocap.sources.lens", "mocap.movie"},
    "threadpoolctl": {"mocap.solve.one_thread"},
    "tensorboard": {"mocap.training.curves"},
    "torch": {"mocap.models.backend"},
    "onnx": {"mocap.models.onnx_running"},
    "onnxruntime": {"mocap.models.onnx_running"},
    "tqdm": {"mocap.cli.progress"},
    "websockets": {
        "mocap.client.address",
        "mocap.client.asynchronous",
        "mocap.client.blocking",
        "mocap.stream.connection",
    },
    "pythonosc": {"mocap.stream.osc"},
    "viser": {"mocap.panel.web"},
    "rich": {"mocap.panel.web"},  # which viser greets with
    "matplotlib": {"mocap.report.sheet", "mocap.render.plot"},
    "scipy": {
        "mocap.estimators.tracker",
        "mocap.filters",
        "mocap.solve.contact",
        "mocap.solve.dynamics",
        "mocap.solve.feet",
        "mocap.solve.normal",
        "mocap.training.corpus",
        "mocap.training.noise",
    },
}
EVERYWHERE = {"numpy"}

# Who may begin threads and processes.
CONCURRENT = {
    "threading.Thread(": {"mocap.threads", "mocap.sources.prefetch"},
    "multiprocessing": {"mocap.detect", "mocap.live.child"},
}


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


@MODULES
def test_threads_and_processes_begin_in_few_places(name: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for what, places in CONCURRENT.items():
        assert name in places or what not in text, f"{name} must not use {what}"


def test_every_name_of_the_tables_exists() -> None:
    tables = [*LAYERS, *THIRD_PARTY.values(), *CONCURRENT.values()]
    listed = set().union(*tables)
    assert listed <= NAMES
