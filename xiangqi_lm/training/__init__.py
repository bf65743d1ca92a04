"""Training, objectives and evaluation."""
