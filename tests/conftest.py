"""Makes the tests' folder importable: it holds `record_samples` and other makers of test data."""
