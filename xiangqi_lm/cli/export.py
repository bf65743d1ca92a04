"""`xiangqi-lm export`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Write a trained model and its figures to a folder, to share.")
@click.option("--model", "source", required=True, help="A model folder, as in RUN/best.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="Shards; the model is measured on their validation split.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--commit", default="", help="Version of this program that trained the model.")
@click.option("--device", default="auto", show_default=True, help="Device to measure on: cpu, cuda, cuda:1, ...")
def export(source: str, data: Path, out: Path, commit: str, device: str) -> None:
    """Write a trained model in half precision with a card that says what it learned from and how good it is.

    The figures on the card are of the written weights, over the whole validation split. README.md
    says the same as card.json in prose. The folder can be uploaded to the Hugging Face hub as it is; players then call
    it lm:hf:owner/name.

    Example: xiangqi-lm export --model run/best --data shards --out assets/models/default
    """
    import torch

    from ..dataset.shards import Shards
    from ..errors import XiangqiError
    from ..files import locked, write_text
    from ..model import checkpoint
    from ..model.device import pick_device
    from ..training import modelcard, provenance
    from ..training.evaluate import evaluate
    from .kernels import compile_for
    from .progress import Meter

    compile_for(models=True)
    shards = Shards.open(data)
    split = shards.split("validation")
    if not any(split.start(game) is None for game in range(len(split))):
        raise XiangqiError(f"{data}: the validation split has no game from the start position to measure the model on")
    model = checkpoint.load(source)
    with locked(out, folder=True):
        card = {key: value for key, value in model.card.items() if key != "validation_sample"}
        checkpoint.save(out, model, card, torch.float16)
        with Meter(len(split.moves_flat), "plies") as meter:
            figures = evaluate(checkpoint.load(out, pick_device(device)), split, progress=meter.add, intervals=True)
        figures["split"] = provenance.of_shards(shards, "validation", card)["words"]
        trained = card.get("trained_with", {}).get("commit", "")
        card |= {"seed": card.get("config", {}).get("seed"), "commit": commit or card.get("commit") or trained}
        card |= {"weights": "float16", "figures": figures}
        checkpoint.save(out, model, card, torch.float16)
        write_text(out / modelcard.PAGE, modelcard.page(out.resolve().name, card))
        size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    click.echo(f"{out}: {size:.1f} MB, top-1 {figures['top1']:.4f}, best move legal {figures['legal_top1']:.4f}")
