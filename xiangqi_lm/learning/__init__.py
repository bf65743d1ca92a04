"""Fine-tuning a model on the user's own games: choice of games, training and measurement."""
