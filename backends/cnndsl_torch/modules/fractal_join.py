"""FractalNet's join."""

import torch
from torch import Tensor, nn


class FractalJoin(nn.Module):
    """The mean of the lanes, in training of those that drop-path leaves; a list of (N, ...) becomes one.

    Larsson, Maire, Shakhnarovich 2017. Local drop-path drops each lane of a sample with probability
    ``drop_path``; if none is left, one of them, drawn uniformly, is kept. For global drop-path, which leaves
    a single column of the network, draw one before each step of training::

        FractalJoin.draw_column(model, columns, share=0.5)

    It needs the lanes in the order of their columns, the deepest last. Evaluation takes all lanes.
    """

    def __init__(self, drop_path: float) -> None:
        super().__init__()
        self.drop_path = drop_path
        # A tensor, for compiled code to see it change; on the CPU, where `to_empty` leaves it alone.
        self.column = torch.tensor(-1, device="cpu")

    @staticmethod
    def draw_column(model: nn.Module, columns: int, share: float = 0.5) -> int | None:
        """Leave a random column to all joins of a model with probability ``share``, else local drop-path.

        Columns are counted from the deepest, 0. Gives the column, None for local drop-path.
        """
        column = int(torch.randint(columns, ())) if float(torch.rand(())) < share else None
        for module in model.modules():
            if isinstance(module, FractalJoin):
                module.column.fill_(-1 if column is None else column)
        return column

    def weights(self, lanes: int, values: Tensor) -> Tensor:
        """How much of each lane a sample gets, as the values lanes x samples; they add up to 1."""
        kept = torch.rand_like(values, dtype=torch.float32) >= self.drop_path
        order = torch.arange(lanes, device=values.device).view(-1, 1)
        spare = order == torch.randint_like(values[0], lanes, dtype=torch.int64)
        kept = torch.where(kept.any(0), kept, spare)
        # A column that is not joined here is beside the path that is left: any lane will do.
        single = (self.column >= 0) & (self.column < lanes)
        kept = (kept & ~single) | ((order == lanes - 1 - self.column) & single)
        return kept / kept.sum(0)

    def forward(self, lanes: list[Tensor]) -> Tensor:
        stacked = torch.stack(lanes)
        if not self.training:
            return stacked.mean(0)
        weights = self.weights(len(lanes), stacked.flatten(2)[:, :, 0]).to(stacked.dtype)
        return (stacked.movedim((0, 1), (-2, -1)) * weights).sum(-2).movedim(-1, 0)

    def extra_repr(self) -> str:
        return f"{self.drop_path}"
