"""Makes the folder of the tests importable: `record_samples` and other makers of test data lie in it."""
