"""Move-by-move review of a game: a judge scores the moves, and a model predicts what masters would play."""
