"""The main job on real input, as `make demo` runs it: check, compile, run, draw, train.

Results are written to `demo/`. No weights are downloaded, so ResNet-50 runs with random ones.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sklearn.datasets import load_digits, load_sample_image
from sklearn.model_selection import train_test_split
from torch import Tensor

import cnndsl

FOLDER = Path("demo")
console = Console()


def check_zoo() -> None:
    started = time.perf_counter()
    specs = sorted(Path("specs").glob("*.cnn"))
    found = [d for path in specs for d in cnndsl.check(path)]
    seconds = time.perf_counter() - started
    if found:
        raise SystemExit("\n".join(map(str, found)))
    console.print(f"[bold]check[/]    {len(specs)} files of the zoo hold in {seconds:.1f} s, without torch's help")


def run_resnet() -> None:
    path = FOLDER / "resnet50.py"
    path.write_text(cnndsl.source("resnet50"))
    console.print(f"[bold]compile[/]  {path}: {len(path.read_text().splitlines())} lines of PyTorch")
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    torch.manual_seed(0)
    model = namespace["resnet50"]().eval()  # type: ignore[operator]
    photo = torch.from_numpy(load_sample_image("china.jpg").copy()).permute(2, 0, 1)[None] / 255
    photo = F.interpolate(photo, size=(224, 224), mode="bilinear", antialias=True)
    started = time.perf_counter()
    with torch.no_grad():
        scores = model(photo)
    milliseconds = 1000 * (time.perf_counter() - started)
    console.print(
        f"[bold]run[/]      a photograph of 640 x 427 → {tuple(scores.shape)} scores in {milliseconds:.0f} ms"
    )


def draw() -> None:
    for name, suffix in (("resnet50", "svg"), ("lenet5", "png")):
        path = FOLDER / f"{name}.{suffix}"
        path.write_bytes(cnndsl.render(name, suffix))
        console.print(f"[bold]draw[/]     {path}")


def digits() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """scikit-learn's 1,797 scanned digits, 8 x 8, enlarged to LeNet's 32 x 32; a quarter is for the test."""
    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 8 - 1
    x = F.interpolate(x, size=(32, 32), mode="bilinear")
    train, test = train_test_split(range(len(x)), test_size=0.25, random_state=0, stratify=labels)
    y = torch.tensor(labels)
    return x[train], y[train], x[test], y[test]


def train_lenet(epochs: int = 25, batch: int = 32) -> None:
    # Layers this small gain nothing from more threads, and wait for each other where the machine is busy.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, y, test_x, test_y = digits()
    model = cnndsl.load("lenet5")
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3)
    steps = epochs * -(-len(x) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    columns = (TextColumn("[bold]train[/]    lenet5 on digits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("loss {task.fields[loss]:.3f}"))  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=steps, loss=0.0)
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(len(x)), batch):
                shift = torch.randint(-2, 3, (2,)).tolist()
                loss = F.cross_entropy(model(torch.roll(x[rows], shift, (2, 3))), y[rows])
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
                schedule.step()
                progress.update(task, advance=1, loss=loss.item())
    model.eval()
    with torch.no_grad():
        accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
    console.print(f"         test accuracy {accuracy:.1%} on {len(test_y)} digits")
    if accuracy <= 0.97:
        raise SystemExit("the demo expects more than 97 %")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    check_zoo()
    run_resnet()
    draw()
    train_lenet()
