"""Train a model from a checkout: `python train.py` is `xiangqi-lm train`."""

import sys

from xiangqi_lm.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
