"""DropBlock."""

# mypy: allow-untyped-calls

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DropBlock2d(nn.Module):
    """Sets blocks of neighbouring positions to 0 in training, each channel on its own; (N, C, H, W).

    Ghiasi, Lin, Le 2018. ``keep`` is the probability of keeping a value at the end of training. To lower it
    linearly from 1, as the paper does, tell the model how far the training is before each step::

        DropBlock2d.schedule(model, step / steps)

    Without that it is ``keep`` throughout. Evaluation is the identity.
    """

    def __init__(self, block_size: int | tuple[int, int], keep: float = 0.9) -> None:
        super().__init__()
        self.block_size = (block_size, block_size) if isinstance(block_size, int) else block_size
        self.keep = keep
        # A tensor, for compiled code to see it change; on the CPU, where `to_empty` leaves it alone.
        self.progress = torch.ones((), device="cpu")

    @staticmethod
    def schedule(model: nn.Module, progress: float) -> None:
        """Tell all of a model's DropBlocks how far the training is, from 0 to 1."""
        for module in model.modules():
            if isinstance(module, DropBlock2d):
                module.progress.fill_(progress)

    def forward(self, x: Tensor) -> Tensor:
        height, width, (down, right) = x.shape[2], x.shape[3], self.block_size
        rows, columns = height - down + 1, width - right + 1
        torch._assert(rows >= 1, f"blocks of {down} rows do not fit into {height}")
        torch._assert(columns >= 1, f"blocks of {right} columns do not fit into {width}")
        if not self.training:
            return x
        drop = (1 - self.keep) * self.progress
        gamma = drop / (down * right) * (height * width / (rows * columns))
        seeds = torch.rand_like(x[:, :, :rows, :columns], dtype=torch.float32) < gamma
        grown = F.pad(seeds.float(), (right - 1, right - 1, down - 1, down - 1))
        kept = 1 - F.max_pool2d(grown, self.block_size, stride=1)
        scale = kept.numel() / kept.sum().clamp_min(1)
        return x * (kept * scale).to(x.dtype)

    def extra_repr(self) -> str:
        return f"{self.block_size}, keep={self.keep}"
