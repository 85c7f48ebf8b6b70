"""The dense VideoPose3D: convolutions with weights for every frame that they reach over."""

from __future__ import annotations

from typing import Any

import networks
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap.errors import FormatError  # noqa: E402
from mocap.models.opening import filled_network  # noqa: E402
from mocap.models.registry import ARCHITECTURES  # noqa: E402
from mocap.models.videopose3d import TemporalModel, widths_of  # noqa: E402


@pytest.mark.parametrize("causal", [False, True])
def test_with_weights_on_the_grid_alone_it_is_the_dilated_one(causal: bool) -> None:
    settings: dict[str, Any] = {"widths": (3, 5, 3), "causal": causal, "channels": 12}
    dilated = networks.filled(TemporalModel(5, 4, **settings))
    dense = TemporalModel(5, 4, dense=True, **settings).eval()
    state = dilated.state_dict()
    for name, tensor in dense.state_dict().items():
        if tensor.shape != state[name].shape:
            wide = torch.zeros_like(tensor)
            apart = (tensor.shape[2] - 1) // (state[name].shape[2] - 1)
            wide[:, :, ::apart] = state[name]
            state[name] = wide
    dense.load_state_dict(state)
    assert [layer.kernel_size[0] for layer in dense.layers_conv[::2]] == [13, 31]
    assert dense.receptive_field == dilated.receptive_field == 45
    points = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 50, 5, 2))).float()
    with torch.inference_mode():
        expected = dilated(points)
        assert expected.shape == (2, 6, 4, 3)
        torch.testing.assert_close(dense(points), expected, atol=1e-5, rtol=0)
        one = dense.one_frame()(points[:, :45])
        torch.testing.assert_close(one, expected[:, :1], atol=1e-5, rtol=0)


def test_the_shapes_of_a_checkpoint_tell() -> None:
    assert widths_of([3, 7, 19, 55, 163]) == ((3, 3, 3, 3, 3), True)
    assert widths_of([5, 21, 101]) == ((5, 5, 5), True)
    for dilated in ([3], [3, 7], [3, 3, 3], [1, 1, 1], [3, 7, 7]):
        assert widths_of(dilated) == (tuple(dilated), False)


@pytest.mark.parametrize("widths", [(3, 3, 3), (3, 3)])
def test_a_checkpoint_is_loaded(widths: tuple[int, ...]) -> None:
    made = networks.filled(TemporalModel(17, 17, widths=widths, dense=True, channels=8))
    state = {key: tensor.numpy() for key, tensor in made.state_dict().items()}
    kind = ARCHITECTURES["videopose3d"]
    # two widths do not tell: they are settings, as training keeps them
    said = {} if len(widths) > 2 else {"widths": list(widths), "dense": True}
    network, settings = filled_network(kind, state, said)
    assert (tuple(settings["widths"]), settings["dense"]) == (widths, True)
    points = torch.zeros(1, made.receptive_field + 2, 17, 2)
    with torch.inference_mode():
        torch.testing.assert_close(network.eval()(points), made(points))
    with pytest.raises(FormatError, match=r"layers_conv\.0\.weight should have shape"):
        filled_network(kind, state, {"widths": list(widths), "dense": False})
