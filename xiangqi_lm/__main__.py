"""The entry point of `python -m xiangqi_lm`, the same program as `xiangqi-lm`."""

from __future__ import annotations

import sys


def main(args: list[str] | None = None) -> None:
    """Run the program with arguments, by default those of the command line."""
    try:
        from .cli import main as run
    except KeyboardInterrupt:  # Ctrl-C while the modules are loading
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    run(args)


if __name__ == "__main__":
    main()
