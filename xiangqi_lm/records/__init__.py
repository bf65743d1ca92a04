"""Game records: reading, writing, tokens and training shards."""
