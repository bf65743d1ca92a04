"""Game records: reading and writing."""
