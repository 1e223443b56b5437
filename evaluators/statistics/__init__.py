"""Intervals and tests for paired judgements, each small, sourced, and giving numbers that a JSON file can hold."""
