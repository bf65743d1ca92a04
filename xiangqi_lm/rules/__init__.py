"""The rules of xiangqi: squares, moves, kernels, FEN, board and notation (numpy and numba only)."""
