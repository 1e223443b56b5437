"""What failed on golden and what in the training data may explain it: pure functions over answers and rows."""
