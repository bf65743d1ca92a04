"""Grade-school word problems in Chinese: from a question to an expression and its exact value."""
