"""Grade-school word problems in Chinese: a question in, an expression and its exact value out."""
