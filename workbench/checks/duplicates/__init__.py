"""Rows that say the same again, or contradict one another."""
