"""A library of games in SQLite, searched by position, player, event, opening and text."""
