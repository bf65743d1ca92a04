"""Attention: the fastest exact method at our lengths, where a Performer pays off in time and memory, and decoding.

Run: python -m benchmarks.attention [--device cpu|cuda] [--threads 1] [--longest 32768]      (a few minutes)

Forward and backward of one head of width 64, in the precision that training uses on the device. Each row of the long
table runs in a process of its own; memory is the peak above what was held before (resident set on a CPU, unknown on
Windows; allocated by torch on a GPU). On a CPU with one thread, times are processor time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from xiangqi_lm.model.attention import (
    ExactAttention,
    softmax_attention,
    softmax_by_products,
    softmax_fused,
    taylor_attention,
)
from xiangqi_lm.model.device import fast_bf16, processor
from xiangqi_lm.model.performer import PerformerAttention

WIDTH, HEADS = 64, 4
MOST = 8 << 30  # most bytes for the scores of one row

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


def performer(q: Tensor, k: Tensor, v: Tensor, features: int) -> Tensor:
    return PerformerAttention(WIDTH, features, 0).to(q.device)(q, k, v)


EXACT: dict[str, Attend] = {"products": softmax_by_products, "fused": softmax_fused}
LONG: dict[str, Attend] = EXACT | {f"performer {m}": partial(performer, features=m) for m in (64, 128, 256)}


def precision(device: str) -> torch.dtype:
    return torch.bfloat16 if fast_bf16(device) else torch.float32


# ------------------------------------------------------------------------------------------------ measuring


def seconds(work: Callable[[], Any], device: str, enough: float) -> float:
    """Return the best of the runs that fit into `enough` seconds, after one warm-up."""
    work()
    clock = time.process_time if device == "cpu" and torch.get_num_threads() == 1 else time.perf_counter
    best, spent, runs = float("inf"), 0.0, 0
    while spent < enough or runs == 0:
        before = clock()
        work()
        if device != "cpu":
            torch.cuda.synchronize()
        took = clock() - before
        best, spent, runs = min(best, took), spent + took, runs + 1
    return best


def draw(shape: tuple[int, ...], device: str, dtype: torch.dtype, learning: bool) -> list[Tensor]:
    """Return random queries, keys and values."""
    return [torch.randn(shape, device=device, dtype=dtype).requires_grad_(learning) for _ in range(3)]


def once(attend: Attend, inputs: list[Tensor]) -> None:
    """Run forward, and backward if the inputs require it."""
    y = attend(*inputs)
    if y.requires_grad:
        y.backward(torch.ones_like(y))
        for x in inputs:
            x.grad = None


def peak(device: str) -> int:
    """Return this process's peak memory in bytes; 0 where it is unknown."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated()
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# ------------------------------------------------------------------------------------------------ our lengths


def our_lengths(device: str) -> None:
    """Print exact methods on batches of about 6,144 columns, as in a training step and in play."""
    print("exact attention at our lengths, 4 heads, 6,144 columns: ns a column and head\n")
    ways = EXACT | {"chosen": softmax_attention, "taylor": taylor_attention}
    print(f"{'precision':11}{'':16}{'columns':>8}" + "".join(f"{name:>10}" for name in ways))
    for dtype in dict.fromkeys((precision(device), torch.float32)):
        for learning in (True, False):
            for t in (64, 96, 128, 192, 256, 512, 1024):
                shape = (6144 // t, HEADS, t, WIDTH)
                row = []
                for attend in ways.values():
                    inputs = draw(shape, device, dtype, learning)
                    row.append(seconds(lambda a=attend, i=inputs: once(a, i), device, 0.25) / (shape[0] * HEADS * t))  # type: ignore[misc]
                mode = "with backward" if learning else "forward alone"
                print(f"{str(dtype)[6:]:11}{mode:16}{t:8}" + "".join(f"{1e9 * s:10,.0f}" for s in row), flush=True)


# ------------------------------------------------------------------------------------------------ long sequences


def long_row(name: str, t: int, device: str, threads: int) -> tuple[float, int]:
    """Return seconds and bytes of forward and backward over one sequence of one head."""
    torch.set_num_threads(threads)
    small = draw((1, 1, 128, WIDTH), device, precision(device), True)
    once(LONG[name], small)  # loads code and kernels
    inputs = draw((1, 1, t, WIDTH), device, precision(device), True)
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    before = peak(device)
    once(LONG[name], inputs)
    held = peak(device) - before
    return seconds(lambda: once(LONG[name], inputs), device, 0.3), held


def in_a_process(*about: Any) -> tuple[float, int]:
    """Run `long_row` in a new process; forked where that is safe, as it saves the imports."""
    way = "fork" if sys.platform == "linux" and about[2] == "cpu" else "spawn"
    with multiprocessing.get_context(way).Pool(1) as pool:
        return pool.apply(long_row, about)


def long_table(device: str, threads: int, longest: int) -> None:
    """Print time and memory against the length, and where the Performers overtake the exact methods."""
    lengths = [512 << i for i in range(12) if 512 << i <= longest]
    dtype = precision(device)
    print(f"\nforward and backward of one head, {str(dtype)[6:]}: ms and MiB\n")
    print(f"{'columns':>8}" + "".join(f"{name:>18}" for name in LONG))
    found: dict[str, dict[int, tuple[float, int]]] = {name: {} for name in LONG}
    for t in lengths:
        cells = []
        for name in LONG:
            # scores and weights, and the gradients of both
            if name == "products" and t * t * 4 * dtype.itemsize >= MOST:
                cells.append(f"{'over 8 GiB':>18}")
                continue
            took, held = found[name][t] = in_a_process(name, t, device, threads)
            cells.append(f"{1e3 * took:10,.1f}{held / 2**20:8,.0f}")
        print(f"{t:8}" + "".join(cells), flush=True)
    print()
    for name in (name for name in LONG if name not in EXACT):
        for exact in EXACT:
            faster = _from(
                lengths, [found[name][t][0] < found[exact][t][0] if t in found[exact] else True for t in lengths]
            )
            smaller = _from(
                lengths, [found[name][t][1] < found[exact][t][1] if t in found[exact] else True for t in lengths]
            )
            print(f"{name} against {exact:9} faster {faster}, smaller {smaller}")


def _from(lengths: list[int], better: list[bool]) -> str:
    """Return the length from which it is better at every length measured."""
    first = len(lengths)
    while first and better[first - 1]:
        first -= 1
    return "at no length measured" if first == len(lengths) else f"from {lengths[first]:,} columns on"


# ------------------------------------------------------------------------------------------------ decoding


def decoding(device: str, longest: int) -> None:
    """Print the time of one more column after a past of some length, 4 heads, with keys and values or with a state."""
    dtype = precision(device)
    print(f"\ndecoding one column, 4 heads, {str(dtype)[6:]}: microseconds, and KiB that are kept of the past\n")
    kinds: dict[str, torch.nn.Module] = {"keys and values": ExactAttention(softmax_attention)}
    kinds |= {f"performer {m}": PerformerAttention(WIDTH, m, 0).to(device) for m in (64, 128, 256)}
    print(f"{'games':>6}{'past':>8}" + "".join(f"{name:>18}" for name in kinds))
    with torch.inference_mode():
        for games in (1, 32):
            for past in (64, 256, 1024, 4096, 16384, 32768):
                if past > longest or games * past > 1 << 18:
                    continue
                row = [decode_cell(kind, games, past, device, dtype) for kind in kinds.values()]
                cells = "".join(f"{1e6 * took:10,.0f}{kept / 1024:8,.0f}" for took, kept in row)
                print(f"{games:6}{past:8}{cells}", flush=True)


def decode_cell(kind: Any, games: int, past: int, device: str, dtype: torch.dtype) -> tuple[float, int]:
    """Return seconds per step and bytes kept for each game."""
    cache = kind.new_cache()
    for _ in range(past // 64):
        kind(*draw((games, HEADS, 64, WIDTH), device, dtype, False), cache)
    held = (cache.keys, cache.values) if hasattr(cache, "keys") else cache.sums
    kept = sum(x.numel() * x.element_size() for x in held) // games
    column = draw((games, HEADS, 1, WIDTH), device, dtype, False)
    return seconds(lambda: kind(*column, cache), device, 0.1), kept


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--longest", type=int, default=32768)
    asked = options.parse_args()
    print(processor())
    torch.set_num_threads(asked.threads)
    long_table(asked.device, asked.threads, asked.longest)  # first: forks from a process that has done nothing yet
    our_lengths(asked.device)
    decoding(asked.device, asked.longest)


if __name__ == "__main__":
    main()
