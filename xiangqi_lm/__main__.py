"""`python -m xiangqi_lm` is the same program as `xiangqi-lm`."""

from .cli import main

if __name__ == "__main__":
    main()
