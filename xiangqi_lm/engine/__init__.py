"""Players and the protocols they speak."""
