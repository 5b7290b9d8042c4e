"""The matrix: real clients, each on every route to its credentials."""
