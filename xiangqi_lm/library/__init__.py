"""Games of one's own in SQLite: added once, found by position, player, event, opening and text."""
