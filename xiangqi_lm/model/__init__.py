"""The language model in torch."""
