"""Open the window from a checkout: `python play.py` is `xiangqi-lm play`."""

import sys

from xiangqi_lm.__main__ import main

if __name__ == "__main__":
    main(["play", *sys.argv[1:]])
