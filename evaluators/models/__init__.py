"""Models to evaluate: the embedded ones, hub names and local folders."""
