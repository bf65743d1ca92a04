"""Tasks other than xiangqi, on the same blocks and the same training loop."""
