"""What the model must not have seen, and has: golden rows, benchmark rows, and what it could not learn."""
