"""torchvision's models and ours: the same ``state_dict``, outputs, gradients and running statistics."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnndsl.pipeline import locate
from cnndsl_torch import backend
from tests.reference import torchvision_models

MODELS = {
    "alexnet": 64,
    "vgg11": 32, "vgg13": 32, "vgg16": 32, "vgg19": 32,
    "vgg11_bn": 32, "vgg13_bn": 32, "vgg16_bn": 32, "vgg19_bn": 32,
    "googlenet": 64, "googlenet_aux": 224,
    "resnet18": 64, "resnet34": 64, "resnet50": 64, "resnet101": 64, "resnet152": 64,
    "wide_resnet50_2": 64, "wide_resnet101_2": 64,
    "resnext50_32x4d": 64, "resnext101_32x8d": 64, "resnext101_64x4d": 64,
    "densenet121": 64, "densenet161": 64, "densenet169": 64, "densenet201": 64,
    "squeezenet1_0": 64, "squeezenet1_1": 64,
}  # fmt: skip
"""Each model with an input size that it takes, small so that the test stays fast."""


def reference(name: str) -> nn.Module:
    models = torchvision_models()
    options: dict[str, Any] = {}
    if name.startswith("googlenet"):
        options = {"aux_logits": name.endswith("_aux"), "init_weights": False}
        name = "googlenet"
    elif name.startswith("vgg"):
        options = {"init_weights": False}
    with torch.device("meta"):
        model: nn.Module = getattr(models, name)(weights=None, **options)
    return filled(model)


def ours(name: str) -> nn.Module:
    with torch.device("meta"):
        model = backend.load(locate(name).graph())
    return model.to_empty(device="cpu")


def filled(model: nn.Module) -> nn.Module:
    """Weights that keep activations in range at any depth, so that differences mean something."""
    model = model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(7)
    for key, value in model.state_dict().items():
        if value.dim() > 1:
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=generator)
        elif key.endswith("num_batches_tracked"):
            value.zero_()
        elif key.endswith(("running_var", "weight")):
            value.uniform_(0.5, 1, generator=generator)
        else:
            value.normal_(0, 0.1, generator=generator)
    return model


def relative(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max().clamp_min(1e-12))


def outputs(model: nn.Module, image: Tensor) -> list[Tensor]:
    """The main output first, then auxiliary ones by name."""
    result = model(image)
    if isinstance(result, Tensor):
        return [result]
    fields = result._asdict()
    main = fields.pop("logits") if "logits" in fields else fields.pop("output")
    fields = {k.replace("aux_logits", "aux"): v for k, v in fields.items()}
    return [main, *(fields[k] for k in sorted(fields))]


@pytest.mark.parametrize("name", MODELS)
def test_same_as_torchvision(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.functional, "dropout", lambda x, *_, **__: x)  # modules call it, too
    theirs, mine = reference(name), ours(name)
    assert list(theirs.state_dict()) == list(mine.state_dict())
    mine.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(mine.state_dict(), strict=True)
    size = MODELS[name]
    image = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(3))
    for training in (False, True):
        gradients, results = [], []
        for model in (theirs, mine):
            model.train(training)
            x = image.clone().requires_grad_()
            found = outputs(model, x)
            weights = [torch.linspace(-1, 1, o.numel()).reshape(o.shape) for o in found]
            torch.autograd.backward(found, weights, inputs=[x])
            assert x.grad is not None
            gradients.append(x.grad)
            results.append([o.detach() for o in found])
        for a, b in zip(*results, strict=True):
            assert relative(b, a) < 1e-5
        assert relative(gradients[1], gradients[0]) < 1e-4
    for (key, a), b in zip(theirs.state_dict().items(), mine.state_dict().values(), strict=True):
        if "running" in key or "num_batches" in key:
            torch.testing.assert_close(b, a, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.jit")
@pytest.mark.parametrize("name", sorted(MODELS.keys() - {"googlenet_aux"}))
def test_torchscript_takes_what_it_takes_of_torchvision(name: str) -> None:
    """All but `googlenet_aux`, whose result is another type in training."""
    model = filled(ours(name)).eval()
    image = torch.linspace(-1, 1, 3 * MODELS[name] ** 2).reshape(1, 3, MODELS[name], MODELS[name])
    with torch.no_grad():
        assert torch.equal(torch.jit.script(model)(image), model(image))
