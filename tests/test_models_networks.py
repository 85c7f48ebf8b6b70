"""The networks are those that public checkpoints were made for: keys, shapes and outputs."""

from __future__ import annotations

import math
from typing import Any

import networks
import numpy as np
import pytest
from networks import Numbers

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap.errors import InvalidValue  # noqa: E402
from mocap.models.linear import LinearBaseline  # noqa: E402
from mocap.models.pstmo import PSTMO  # noqa: E402
from mocap.models.pstmo_mae import SHARED, MaskedPSTMO  # noqa: E402
from mocap.models.pstmo_refine import Refine, behind  # noqa: E402
from mocap.models.registry import ARCHITECTURES  # noqa: E402
from mocap.models.semgcn import GROUPS_16, PARENTS_16, SemGCN, edges  # noqa: E402
from mocap.models.videopose3d import TemporalModel  # noqa: E402

ARCHITECTURE_OF = {
    "martinez_torch_32_to_48": "martinez",
    "semgcn_repo_martinez_linear": "semgcn-linear",
    "hoang_refiner_linear16": "martinez",
    "semgcn_16j_local": "semgcn",
    "semgcn_16j_nonlocal": "semgcn-nonlocal",
    "videopose3d_9f": "videopose3d",
    "videopose3d_27f": "videopose3d",
    "videopose3d_81f": "videopose3d",
    "videopose3d_243f_coco17_h36m17": "videopose3d",
    "videopose3d_humaneva15_27f": "videopose3d",
    "videopose3d_traj_243f": "videopose3d-trajectory",
    "pstmo_s_243f_L3": "pstmo",
    "pstmo_243f_L4": "pstmo",
    "pstmo_s_81f_L3_3dhp": "pstmo",
    "pstmo_mae_pretrain_243f_L3": "pstmo-mae",
    "pstmo_refine": "pstmo-refine",
}
PARAMETERS = {  # as their authors' classes have them
    "videopose3d_243f_coco17_h36m17": 16_952_371,
    "videopose3d_27f": 8_555_571,
    "pstmo_s_243f_L3": 6_482_278,
    "pstmo_243f_L4": 7_009_382,
    "pstmo_mae_pretrain_243f_L3": 2_656_036,
    "pstmo_refine": 140_322,
    "semgcn_16j_local": 267_343,
    "semgcn_16j_nonlocal": 434_703,
    "semgcn_repo_martinez_linear": 4_288_557,
    "martinez_torch_32_to_48": 4_291_632,
}


def network_of(name: str, **settings: Any) -> Any:
    """The network that the shapes of a listing ask for, strictly filled with its weights."""
    kind = ARCHITECTURES[ARCHITECTURE_OF[name]]
    shapes = {key: tuple(shape) for key, shape in networks.listings()[name].items()}
    network = kind.build({**kind.read(shapes), **settings})
    weights = {k: torch.from_numpy(np.asarray(v)) for k, v in networks.state(name).items()}
    network.load_state_dict(weights, strict=True)
    return network.eval()


def through(network: Any, *inputs: Numbers) -> Numbers:
    with torch.inference_mode():
        result: Numbers = network(*map(torch.from_numpy, inputs)).numpy()
    return result


def random(*shape: int) -> Numbers:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def same(found: Numbers, expected: Numbers) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("name", networks.listings())
def test_every_key_and_shape_of_public_checkpoints(name: str) -> None:
    network = network_of(name)
    if name in PARAMETERS:
        assert sum(p.numel() for p in network.parameters()) == PARAMETERS[name]


def test_every_architecture_has_a_listing() -> None:
    assert set(ARCHITECTURES) >= set(ARCHITECTURE_OF.values())
    assert set(networks.listings()) == set(ARCHITECTURE_OF)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("videopose3d_27f", {}),
        ("semgcn_16j_local", {}),
        ("semgcn_repo_martinez_linear", {}),
        ("hoang_refiner_linear16", {"slope": 0.01}),
    ],
)
def test_outputs_are_those_of_the_original_class(name: str, settings: dict[str, Any]) -> None:
    golden = np.load(networks.GOLDEN / f"{name}.npz")
    same(through(network_of(name, **settings), networks.given(name)), golden["output"])


def test_outputs_of_pstmo_are_those_of_the_original_class() -> None:
    golden = np.load(networks.GOLDEN / "pstmo_s_243f_L3.npz")
    network = network_of("pstmo_s_243f_L3")
    given = torch.from_numpy(networks.given("pstmo_s_243f_L3"))[..., 0].permute(0, 2, 3, 1)
    with torch.inference_mode():
        middle, sequence = network.with_sequence(given)
        alone = network(given)
    for ours, theirs in ((middle, "output_0"), (sequence, "output_1"), (alone, "output_0")):
        same(ours.permute(0, 3, 1, 2)[..., None].numpy(), golden[theirs])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("widths", [(3,), (3, 3), (3, 5, 3), (1, 3, 3)])
def test_strided_and_dilated_are_one_network(widths: tuple[int, ...], causal: bool) -> None:
    made = TemporalModel(5, 4, widths=widths, causal=causal, channels=12)
    network = networks.filled(made)
    field = math.prod(widths)
    assert network.receptive_field == field
    clip = random(2, field + 6, 5, 2)
    at_once = through(network, clip)
    assert at_once.shape == (2, 7, 4, 3)
    for i in range(7):
        same(through(network.one_frame(), clip[:, i : i + field]), at_once[:, i : i + 1])


def test_a_causal_network_is_led_around_from_its_last_frame() -> None:
    # with all convolutions at zero, only what is led around them reaches the output
    for causal, frame in ((False, 4), (True, 8)):
        network = networks.filled(TemporalModel(1, 1, widths=(1, 3, 3), causal=causal, channels=4))
        for layer in network.layers_conv:
            torch.nn.init.zeros_(layer.weight)
        for norm in network.layers_bn:
            for part in (norm.weight, norm.bias, norm.running_mean):
                torch.nn.init.zeros_(part)
        clip = random(1, 9, 1, 2)
        changed = clip.copy()
        changed[0, frame] += 1
        others = np.delete(np.arange(9), frame)
        assert not np.allclose(through(network, clip), through(network, changed))
        changed = clip.copy()
        changed[0, others] += 1
        same(through(network, changed), through(network, clip))


def test_the_edges_of_the_graph() -> None:
    joined = edges(PARENTS_16).numpy()
    assert joined.sum() == 46
    assert (joined == joined.T).all()
    assert joined.diagonal().all()


def norm(x: Numbers, state: dict[str, Numbers], key: str) -> Numbers:
    """Batch norm in evaluation over the last axis."""
    scale = state[f"{key}.weight"] / np.sqrt(state[f"{key}.running_var"] + 1e-5)
    return (x - state[f"{key}.running_mean"]) * scale + state[f"{key}.bias"]


def softmax(x: Numbers) -> Numbers:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_non_local_network_against_numpy() -> None:
    state = {k: v.astype(np.float64) for k, v in networks.state("semgcn_16j_nonlocal").items()}
    order = [joint for pair in GROUPS_16 for joint in pair]
    adjacency = np.eye(16, dtype=bool)
    for child, parent in enumerate(PARENTS_16[1:], 1):
        adjacency[child, parent] = adjacency[parent, child] = True

    def convolved(x: Numbers, key: str) -> Numbers:
        logits = np.full((16, 16), -np.inf)
        logits[np.nonzero(adjacency)] = state[f"{key}.e"][0]
        share, own = softmax(logits), np.eye(16)
        W = state[f"{key}.W"]
        return (share * own) @ (x @ W[0]) + (share * (1 - own)) @ (x @ W[1]) + state[f"{key}.bias"]

    def block(x: Numbers, key: str) -> Numbers:
        return np.maximum(norm(convolved(x, f"{key}.gconv"), state, f"{key}.bn"), 0)

    def one_by_one(x: Numbers, key: str) -> Numbers:
        return x @ state[f"{key}.weight"][:, :, 0].T + state[f"{key}.bias"]

    def attended(x: Numbers, key: str) -> Numbers:
        y = x[:, order]
        value, key_ = (
            one_by_one(y, f"{key}.{part}").reshape(len(x), 8, 2, 64).max(axis=2)
            for part in ("g.0", "phi.0")
        )
        query = one_by_one(y, f"{key}.theta")
        weight = state[f"{key}.concat_project.0.weight"][0, :, 0, 0]
        logits = (query @ weight[:64])[:, :, None] + (key_ @ weight[64:])[:, None, :]
        y = y + norm(
            one_by_one(np.maximum(logits, 0) / 8 @ value, f"{key}.W.0"), state, f"{key}.W.1"
        )
        back = np.empty_like(x)
        back[:, order] = y
        return back

    given = random(3, 16, 2)
    x = attended(block(given.astype(np.float64), "gconv_input.0"), "gconv_input.1.nonlocal")
    for i in range(0, 8, 2):
        x = x + block(block(x, f"gconv_layers.{i}.gconv1"), f"gconv_layers.{i}.gconv2")
        x = attended(x, f"gconv_layers.{i + 1}.nonlocal")
    same(through(network_of("semgcn_16j_nonlocal"), given), convolved(x, "gconv_output"))


def test_the_masked_model_against_numpy() -> None:
    name = "pstmo_mae_pretrain_243f_L3"
    state = {k: v.astype(np.float64) for k, v in networks.state(name).items()}

    def linear(x: Numbers, key: str) -> Numbers:
        weight = state[f"{key}.weight"].reshape(len(state[f"{key}.weight"]), -1)
        return x @ weight.T + state.get(f"{key}.bias", np.zeros(1))

    def layer_norm(x: Numbers, key: str) -> Numbers:
        deviation = x.std(axis=-1, ddof=1, keepdims=True)
        centred = x - x.mean(axis=-1, keepdims=True)
        return state[f"{key}.a_2"] * centred / (deviation + 1e-6) + state[f"{key}.b_2"]

    def leaky(x: Numbers) -> Numbers:
        return np.where(x > 0, x, 0.2 * x)

    def transformed(x: Numbers, key: str, layers: int) -> Numbers:
        for i in range(layers):
            at = f"{key}.model.layers.{i}"
            y = layer_norm(x, f"{at}.sublayer.0.norm")
            q, k, v = (
                linear(y, f"{at}.self_attn.linears.{j}").reshape(len(x), 8, -1) for j in range(3)
            )
            logits = np.einsum("thd,shd->hts", q, k) / np.sqrt(q.shape[-1])
            heads = np.einsum("hts,shd->thd", softmax(logits), v).reshape(len(x), -1)
            x = x + linear(heads, f"{at}.self_attn.linears.3")
            y = layer_norm(x, f"{at}.sublayer.1.norm")
            hidden = np.maximum(linear(y, f"{at}.feed_forward.w_1"), 0)
            x = x + linear(hidden, f"{at}.feed_forward.w_2")
        return x

    clip = random(243, 17, 2)
    frames = np.random.default_rng(1).random(243) < 0.8
    points = np.random.default_rng(2).random((243, 17)) < 0.1
    x = np.where(points[..., None], state["spatial_mask_token"][0, 0], clip)[~frames]
    x = leaky(norm(linear(x.reshape(len(x), 34), "encoder.fc_1"), state, "encoder.bn_1"))
    y = leaky(norm(linear(x, "encoder.layers.0.w1"), state, "encoder.layers.0.batch_norm1"))
    y = leaky(norm(linear(y, "encoder.layers.0.w2"), state, "encoder.layers.0.batch_norm2"))
    x = linear(x + y, "encoder.fc_2") + state["Transformer.pos_embedding"][0, ~frames]
    x = linear(layer_norm(transformed(x, "Transformer", 3), "encoder_LN"), "encoder_to_decoder")
    places = state["dec_pos_embedding"][0]
    # visible frames, then hidden ones
    both = np.concatenate([x + places[~frames], state["mask_token"][0] + places[frames]])
    out = linear(norm(transformed(both, "Transformer_dec", 2), state, "fcn_dec.0"), "fcn_dec.1")
    in_order = np.empty((243, 17, 2))
    in_order[np.concatenate([np.flatnonzero(~frames), np.flatnonzero(frames)])] = out.reshape(
        243, 17, 2
    )
    same(through(network_of(name), clip[None], frames, points)[0], in_order)


def test_hidden_frames_are_not_looked_at() -> None:
    network = networks.filled(MaskedPSTMO(4, frames=9, channels=16, hidden=16, layers=2))
    clip = random(2, 9, 4, 2)
    hidden = np.arange(9) % 3 == 1
    changed = clip.copy()
    changed[:, hidden] += 5
    same(through(network, changed, hidden), through(network, clip, hidden))


def test_pstmo_begins_with_what_was_learnt_from_masked_points() -> None:
    masked = network_of("pstmo_mae_pretrain_243f_L3")
    shared = [key for key in masked.state_dict() if key.startswith(SHARED)]
    assert len(shared) == 74
    network = PSTMO()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    masked.begin(network)
    for key, value in network.state_dict().items():
        taken = masked.state_dict()[key] if key in shared else before[key]
        assert torch.equal(value, taken)


def test_the_refinement_against_numpy() -> None:
    state = networks.state("pstmo_refine")
    estimated, seen = random(4, 17, 3), random(5, 17, 3)[:4]
    x = np.concatenate([estimated, seen], axis=-1).reshape(4, 102)
    x = np.maximum(x @ state["post_refine.0.weight"].T + state["post_refine.0.bias"], 0)
    x = x @ state["post_refine.3.weight"].T + state["post_refine.3.bias"]
    share = (1 / (1 + np.exp(-x))).reshape(4, 17, 2)
    expected = estimated.copy()
    expected[..., :2] = share * estimated[..., :2] + (1 - share) * seen[..., :2]
    same(through(network_of("pstmo_refine"), estimated, seen), expected)
    assert isinstance(network_of("pstmo_refine"), Refine)


def test_behind_a_point_lies_what_is_seen_there() -> None:
    focal, centre = torch.tensor([1145.0, 1143.0]), torch.tensor([512.0, 515.0])
    point = torch.tensor([[0.4, -0.7, 4.0], [0.0, 0.0, 2.0]])
    pixels = point[:, :2] / point[:, 2:] * focal + centre
    assert torch.allclose(behind(pixels, point[:, 2], focal, centre), point, atol=1e-6)


def test_a_window_that_pstmo_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"9, 27, 81, 243, 351 frames, got 100"):
        PSTMO(frames=100)


@pytest.mark.parametrize(
    ("network", "given"),
    [
        (LinearBaseline(8, 9, width=16), (6, 8)),
        (SemGCN(width=8, blocks=1, groups=GROUPS_16), (6, 16, 2)),
        (TemporalModel(4, 4, widths=(3, 3), channels=8), (2, 9, 4, 2)),
        (PSTMO(4, 4, frames=9, channels=16, hidden=16), (2, 9, 4, 2)),
    ],
    ids=["linear", "semgcn", "videopose3d", "pstmo"],
)
def test_every_weight_learns(network: Any, given: tuple[int, ...]) -> None:
    network.train()
    x = torch.from_numpy(random(*given))
    result = network.with_sequence(x) if isinstance(network, PSTMO) else (network(x),)
    sum(part.square().sum() for part in result).backward()
    idle = {name for name, p in network.named_parameters() if p.grad is None}
    # stored by P-STMO, never applied
    assert all(".model.norm." in name for name in idle)
