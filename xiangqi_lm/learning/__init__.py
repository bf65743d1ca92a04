"""One's own games into an opponent: whose moves are learned, how, and what that changed."""
