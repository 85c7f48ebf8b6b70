"""Public checkpoints become lifters: imported, fetched, opened, and told apart."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import networks
import numpy as np
import pytest
from checkpoints import Called, Named, as_tensors, legacy, zipped
from commands import Command
from networks import Numbers
from test_weights import Served, served

from mocap import weights
from mocap.errors import FormatError, InvalidValue, MissingExtra, UnknownName
from mocap.models import open_lifter
from mocap.models.convert import Wish, take_in
from mocap.models.opening import NOTE
from mocap.models.safetensors import read_safetensors

__all__ = ["served"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder."""
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def torch() -> Any:
    module = pytest.importorskip("torch", reason="an extra brings PyTorch")
    module.set_num_threads(1)
    return module


def state_of(shapes: dict[str, list[int]]) -> dict[str, Numbers]:
    return {key: networks.weight(key, shape) for key, shape in shapes.items()}


def videopose3d(joints: int = 17) -> dict[str, Numbers]:
    """A VideoPose3D of nine frames with few channels."""
    shapes = dict(networks.listings()["videopose3d_9f"])
    shapes["shrink.bias"] = [joints * 3]
    small = {k: [16 if n == 1024 else n for n in shape] for k, shape in shapes.items()}
    small["shrink.weight"] = [joints * 3, 16, 1]
    return state_of(small)


def saved(path: Path, state: dict[str, Numbers], make: Any = zipped, **more: Any) -> Path:
    """A checkpoint as VideoPose3D writes it, from several GPUs."""
    random = Called(Named("numpy.random", "__RandomState_ctor"))
    content = {"epoch": 80, "random_state": random, "model_pos": as_tensors(state, "module.")}
    stored = {k: np.ascontiguousarray(v) for k, v in state.items()}
    path.write_bytes(make({**content, **more}, stored))
    return path


@pytest.mark.parametrize("make", [zipped, legacy])
def test_import_and_lift(torch: Any, tmp_path: Path, folder: Path, make: Any) -> None:
    state = videopose3d()
    path = saved(tmp_path / "pre.trained (1).bin", state, make)
    taken = take_in(path, Wish("videopose3d", inputs="coco17", licence="MIT"))
    assert taken.path == folder / "pre.trained--1.safetensors"
    weights.verify(weights.by_name("pre.trained--1"))
    assert taken.path is not None
    kept, _ = read_safetensors(taken.path.read_bytes())
    assert set(kept) == set(state)
    for key, numbers in state.items():
        np.testing.assert_array_equal(kept[key], numbers)
    # by name, by architecture, and by file wherever it lies
    elsewhere = tmp_path / "mailed.safetensors"
    elsewhere.write_bytes(taken.path.read_bytes())
    image = np.random.default_rng(0).uniform(0, 1000, (5, 17, 2))
    lifted = []
    for name in ("pre.trained--1", "videopose3d", str(elsewhere)):
        lifter = open_lifter(name)
        assert lifter.receptive_field == 9
        assert not lifter.causal
        assert (lifter.inputs.name, lifter.outputs.name) == ("coco17", "h36m17")
        assert lifter.licence == "MIT"
        lifted.append(lifter.lift(image, np.ones((5, 17)), (1000, 1000)))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(lifted[0], lifted[1])
    np.testing.assert_array_equal(lifted[0], lifted[2])


SMALL = {  # widths of the listings, made small
    "martinez_torch_32_to_48": {1024: 8},
    "semgcn_repo_martinez_linear": {1024: 8},
    "semgcn_16j_local": {128: 8},
    "semgcn_16j_nonlocal": {128: 8, 64: 4},
    "videopose3d_humaneva15_27f": {1024: 8},
    "videopose3d_traj_243f": {1024: 8},
    "pstmo_s_243f_L3": {},
    "pstmo_243f_L4": {},
    "pstmo_s_81f_L3_3dhp": {},
    "pstmo_mae_pretrain_243f_L3": {},
    "pstmo_refine": {},
}
OPTIONS = {
    "martinez_torch_32_to_48": ("martinez", ""),
    "semgcn_repo_martinez_linear": ("semgcn-linear", ""),
    "semgcn_16j_local": ("semgcn", ""),
    "semgcn_16j_nonlocal": ("semgcn-nonlocal", ""),
    "videopose3d_humaneva15_27f": ("videopose3d", "coco17"),
    "videopose3d_traj_243f": ("videopose3d-trajectory", "h36m17"),
    "pstmo_s_243f_L3": ("pstmo", "coco17"),
    "pstmo_243f_L4": ("pstmo", "h36m17"),
    "pstmo_s_81f_L3_3dhp": ("pstmo", "mpi_inf_3dhp17"),
    "pstmo_mae_pretrain_243f_L3": ("pstmo-mae", "h36m17"),
    "pstmo_refine": ("pstmo-refine", ""),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_architecture_is_imported(torch: Any, tmp_path: Path, name: str) -> None:
    sizes = SMALL[name]
    listing = networks.listings()[name]
    state = state_of({k: [sizes.get(n, n) for n in shape] for k, shape in listing.items()})
    architecture, inputs = OPTIONS[name]
    path = saved(tmp_path / f"{name}.pth", state)
    taken = take_in(path, Wish(architecture, inputs=inputs))
    if architecture in ("pstmo-mae", "pstmo-refine"):
        with pytest.raises(InvalidValue, match="which lifts nothing"):
            open_lifter(name)
        return
    lifter = open_lifter(name)
    assert lifter.inputs.name == (inputs or "h36m16")
    assert lifter.outputs.name == taken.entry.outputs
    expected = {"videopose3d_humaneva15_27f": "humaneva15", "videopose3d_traj_243f": "root",
                "pstmo_s_81f_L3_3dhp": "mpi_inf_3dhp17"}  # fmt: skip
    assert lifter.outputs.name == expected.get(name, "h36m16" if "semgcn" in name else "h36m17")


def test_a_part_of_a_checkpoint(torch: Any, tmp_path: Path) -> None:
    way = {f"way.{k}": v for k, v in videopose3d(1).items()}
    path = tmp_path / "both.bin"
    content = {"model_pos": as_tensors(videopose3d()), "model_traj": {}}
    content["model_traj"] = {k.removeprefix("way."): v for k, v in as_tensors(way).items()}
    path.write_bytes(zipped(content, {**videopose3d(), **way}))
    take_in(path, Wish("videopose3d-trajectory", name="way", inputs="h36m17"))
    lifter = open_lifter("way")
    assert lifter.outputs.points == ("hips",)
    image = np.random.default_rng(0).uniform(0, 1000, (5, 17, 2))
    assert lifter.lift(image, np.ones((5, 17)), (1000, 1000)).any()  # type: ignore[attr-defined]


def test_a_part_of_training_is_not_said_to_lift(
    torch: Any, tmp_path: Path, command: Command
) -> None:
    path = saved(tmp_path / "a.bin", state_of(networks.listings()["pstmo_refine"]))
    shown = command("weights", "import", path, "--arch", "pstmo-refine", "--licence", "MIT")
    assert shown.status == 0
    assert shown.out.startswith("wrote ")
    assert "--lifter" not in shown.out


def test_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="a folder; give a file in it"):
        take_in(tmp_path, Wish("semgcn"))
    with pytest.raises(FormatError, match="there is no such file"):
        take_in(tmp_path / "none.pth", Wish("semgcn"))


def test_causal_is_told_and_kept(torch: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.bin", videopose3d())
    take_in(path, Wish("videopose3d", inputs="coco17", causal=True))
    assert open_lifter("a").causal


def test_a_known_file_brings_its_facts(torch: Any, tmp_path: Path, command: Command) -> None:
    path = saved(tmp_path / "pretrained_h36m_detectron_coco.bin", videopose3d())
    shown = command("weights", "import", path)
    assert shown.status == 0
    assert "videopose3d-coco: licence CC-BY-NC-4.0, not for commercial use" in shown.err
    assert "use it with --lifter videopose3d-coco" in shown.out
    entry = weights.by_name("videopose3d-coco").entry
    assert (entry.inputs, entry.outputs) == ("coco17", "h36m17")
    assert entry.original_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    listed = command("weights", "list").out
    assert "CC-BY-NC-4.0  here" in listed


def test_a_file_of_ours_says_itself_what_it_is(
    torch: Any, tmp_path: Path, folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.bin", videopose3d())
    wish = Wish("videopose3d", "mine", "coco17", licence="MIT", source="a page", causal=True)
    first = take_in(path, wish)
    assert first.path is not None
    passed_on = tmp_path / "b.bin"  # whatever it is called
    passed_on.write_bytes(first.path.read_bytes())
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "another"))
    shown = command("weights", "import", passed_on, "--json")
    assert (shown.status, shown.err) == (0, "")
    assert {**json.loads(shown.out), "path": None} == {**first.entry.to_dict(), "path": None}
    assert open_lifter("mine").causal
    # what the user says counts more, and another network is not what it says
    again = take_in(passed_on, Wish(name="yours", licence="GPL-3.0-only")).entry
    assert (again.name, again.licence, again.source) == ("yours", "GPL-3.0-only", "a page")
    with pytest.raises(FormatError, match=r"not the weights of P-STMO: missing encoder"):
        take_in(passed_on, Wish("pstmo", inputs="coco17"))


def test_our_own_need_no_pytorch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    shipped = weights.by_name("body-live")
    assert shipped.path is not None
    taken = take_in(shipped.path, Wish())
    assert taken.path == folder / "body-live.safetensors"
    before, after = (read_safetensors(p.read_bytes()) for p in (shipped.path, taken.path))
    assert {k: v for k, v in before[1].items() if k != NOTE} == {
        k: v for k, v in after[1].items() if k != NOTE
    }
    assert before[0].keys() == after[0].keys()
    assert all(np.array_equal(before[0][k], after[0][k]) for k in before[0])
    assert open_lifter("body-live").causal
    weights.verify(weights.by_name("body-live"))


def test_the_command_fetches_and_converts(
    torch: Any, tmp_path: Path, folder: Path, command: Command, served: Served
) -> None:
    served.data = saved(tmp_path / "a.bin", videopose3d()).read_bytes()
    sha256 = hashlib.sha256(served.data).hexdigest()
    facts = ("--arch", "videopose3d", "--inputs", "coco17", "--licence", "MIT")
    shown = command("weights", "fetch", served.url, "--sha256", sha256, *facts, "--json")
    assert (shown.status, shown.err) == (0, "")
    told = json.loads(shown.out)
    assert told["original_sha256"] == sha256
    assert told["source"] == served.url
    assert open_lifter("network").licence == "MIT"
    assert not list((folder / "downloads").iterdir())


def test_the_command_takes_in_what_says_itself_what_it_is(
    folder: Path, command: Command, served: Served
) -> None:
    shipped = weights.by_name("body-live").path
    assert shipped is not None
    served.data = shipped.read_bytes()
    sha256 = hashlib.sha256(served.data).hexdigest()
    shown = command("weights", "fetch", served.url, "--sha256", sha256)
    told = f"wrote {folder / 'body-live.safetensors'}\nuse it with --lifter body-live\n"
    assert (shown.status, shown.out, shown.err) == (0, told, "")
    assert weights.by_name("body-live").entry.source == served.url
    assert not list((folder / "downloads").iterdir())


def test_weights_of_another_network_are_told_by_their_first_keys(
    torch: Any, tmp_path: Path
) -> None:
    path = saved(tmp_path / "a.bin", videopose3d())
    wish = Wish("pstmo", inputs="coco17")
    with pytest.raises(
        FormatError,
        match=r"not the weights of P-STMO: missing encoder\.fc_1\.weight and \d+ more, "
        r"unexpected \S+ and 19 more",
    ):
        take_in(path, wish)
    state = videopose3d()
    del state["shrink.bias"]
    path = saved(tmp_path / "a.bin", state)
    with pytest.raises(FormatError, match=r"missing shrink\.bias, nothing unexpected"):
        take_in(path, Wish("videopose3d", inputs="coco17"))
    state = videopose3d()
    state["expand_bn.weight"] = np.ones(5, np.float32)
    path = saved(tmp_path / "a.bin", state)
    with pytest.raises(FormatError, match=r"expand_bn\.weight should have shape \(16,\), but"):
        take_in(path, Wish("videopose3d", inputs="coco17"))
    assert not weights.own_folder().exists()


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(), "does not say which network it is of; say it with --arch, one of body, ma"),
        (Wish("hourglass"), "unknown architecture 'hourglass'; known: body, martinez, "),
        (Wish("videopose3d"), "trained on points of h36m17 or coco17; say which with --inputs"),
        (Wish("videopose3d", inputs="coco"), "unknown landmark layout 'coco'"),
        (Wish("videopose3d", inputs="openpose_coco18"), "takes 17 points, but openpose_coco18"),
        (Wish("videopose3d", inputs="coco17", outputs="h36m16"), "gives 17 joints, but h36m16"),
        (Wish("videopose3d", inputs="coco17", name="../a"), "is no name"),
    ],
)
def test_what_must_be_said(torch: Any, tmp_path: Path, wish: Wish, message: str) -> None:
    path = saved(tmp_path / "a.bin", videopose3d())
    with pytest.raises((InvalidValue, UnknownName), match=message):
        take_in(path, wish)


def test_numbers_that_are_none_are_refused(torch: Any, tmp_path: Path) -> None:
    state = videopose3d()
    state["expand_conv.weight"][0, 0, 0] = np.nan
    with pytest.raises(FormatError, match=r"expand_conv\.weight holds numbers that are not finite"):
        take_in(saved(tmp_path / "a.bin", state), Wish("videopose3d", inputs="coco17"))


def test_counters_of_old_norms_may_be_missing(torch: Any, tmp_path: Path) -> None:
    state = {k: v for k, v in videopose3d().items() if "num_batches" not in k}
    take_in(saved(tmp_path / "a.bin", state), Wish("videopose3d", inputs="coco17"))
    open_lifter("a")


def test_half_and_double_become_single(torch: Any, tmp_path: Path) -> None:
    state = {
        k: v.astype(np.float16 if "conv" in k else np.float64) if v.dtype.kind == "f" else v
        for k, v in videopose3d().items()
    }
    taken = take_in(saved(tmp_path / "a.bin", state), Wish("videopose3d", inputs="coco17"))
    assert taken.path is not None
    kept, _ = read_safetensors(taken.path.read_bytes())
    assert {v.dtype.name for v in kept.values()} == {"float32", "int64"}


def test_lifters_that_cannot_be_opened(torch: Any, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UnknownName, match="unknown lifter 'nothing'; known: body, "):
        open_lifter("nothing")
    with pytest.raises(
        FormatError, match=r"weights semgcn-gt are not here; .*mocap weights import"
    ):
        open_lifter("semgcn")
    with pytest.raises(
        FormatError,
        match=r"^no weights of pstmo are here; mocap weights list tells how to get pstmo-s-wild, "
        r"pstmo-s-cpn, pstmo-s-gt, pstmo-cpn, pstmo-s-3dhp$",
    ):
        open_lifter("pstmo")
    with pytest.raises(FormatError, match="no weights of videopose3d-trajectory are here; mocap w"):
        open_lifter("videopose3d-trajectory")
    with pytest.raises(FormatError, match="mocap weights fetch videopose3d-coco"):
        open_lifter("videopose3d-coco")
    with pytest.raises(FormatError, match="cannot be read"):
        open_lifter(str(tmp_path / "nothing.safetensors"))
    taken = take_in(saved(tmp_path / "a.bin", videopose3d()), Wish("videopose3d", inputs="coco17"))
    assert taken.path is not None
    taken.path.write_bytes(taken.path.read_bytes()[:-1])
    with pytest.raises(
        FormatError, match=r"a\.safetensors: expected \d+ bytes, found \d+: damaged"
    ):
        open_lifter("a")
    (tmp_path / "b.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(FormatError, match="does not say which network it is of"):
        open_lifter(str(tmp_path / "b.safetensors"))


def test_without_pytorch_the_extra_is_named(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    for module in [m for m in sys.modules if m.startswith("mocap.models.")]:
        if m_needs_torch(module):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    path = saved(tmp_path / "a.bin", videopose3d())
    message = r"running and training networks needs the package 'torch'.*mocap-bridge\[torch\]"
    with pytest.raises(MissingExtra, match=message):
        take_in(path, Wish("videopose3d", inputs="coco17"))
    shown = command("weights", "import", path, "--arch", "videopose3d", "--inputs", "coco17")
    assert shown.status == 2
    assert "pip install 'mocap-bridge[torch]'" in shown.err
    weights.add(weights.Entry("mine", "videopose3d", file="mine.safetensors"), b"{}")
    with pytest.raises(MissingExtra, match=message):
        open_lifter("mine")


def m_needs_torch(module: str) -> bool:
    return hasattr(sys.modules[module], "torch") or module.endswith(".running")
