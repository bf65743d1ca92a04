"""What a game was worth, move by move: a judge says what moves are worth, a model what masters would play."""
