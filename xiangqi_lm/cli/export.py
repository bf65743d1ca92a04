"""`xiangqi-lm export`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="A trained model, small and measured, to share.")
@click.option("--model", "source", required=True, help="A model folder, as in RUN/best.")
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Shards whose validation split measures it."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--commit", default="", help="The version of this program that trained it.")
@click.option("--device", default="auto", show_default=True, help="Where to measure: cpu, cuda, cuda:1 ...")
def export(source: str, data: Path, out: Path, commit: str, device: str) -> None:
    """Write a trained model in half precision with a card that says what it learned from and how good it is.

    The figures on the card are of the written weights, over the whole validation split.

    Example: xiangqi-lm export --model run/best --data shards --out assets/models/default
    """
    import torch

    from ..errors import XiangqiError
    from ..model import checkpoint
    from ..model.device import pick_device
    from ..records.shards import Shards
    from ..training.evaluate import evaluate

    split = Shards.open(data).split("validation")
    card = {key: value for key, value in checkpoint.read_card(source).items() if key != "validation_sample"}
    checkpoint.save(out, checkpoint.load(source), card, torch.float16)
    figures = evaluate(checkpoint.load(out, pick_device(device)), split)
    card |= {"seed": card.get("config", {}).get("seed"), "commit": commit, "weights": "float16", "figures": figures}
    checkpoint.save(out, checkpoint.load(source), card, torch.float16)
    if not figures["plies"]:
        raise XiangqiError(f"{data}: the validation split is empty: nothing to measure the model on")
    size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    click.echo(f"{out}: {size:.1f} MB, top-1 {figures['top1']:.4f}, best move legal {figures['legal_top1']:.4f}")
