"""The figures of a run for TensorBoard (extra `train`), which is imported only here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import XiangqiError


@contextmanager
def writer(folder: Path | None, step: int) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Return a function that writes a line of the log, continuing after `step`; without a folder it does nothing."""
    if folder is None:
        yield lambda line: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as fault:
        raise XiangqiError("--tensorboard needs TensorBoard: pip install tensorboard") from fault
    with SummaryWriter(str(folder), purge_step=step + 1) as summary:  # lines lost in a crash are made again

        def write(line: dict[str, Any]) -> None:
            for name, figure in flat(line):
                summary.add_scalar(name, figure, line["step"])

        yield write


def flat(line: dict[str, Any], place: str = "") -> Iterator[tuple[str, float]]:
    """Return every number of a line with its name, such as `validation/by_phase/0-19/top1`."""
    for name, value in line.items():
        if isinstance(value, dict):
            yield from flat(value, f"{place}{name}/")
        elif isinstance(value, (int, float)) and name != "step":
            yield f"{place}{name}", float(value)
