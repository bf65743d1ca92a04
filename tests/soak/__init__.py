"""Long runs that try to break the program: `python -m tests.soak --help`; docs/soak.md describes them."""
