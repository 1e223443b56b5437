"""The catalogue of checks: one file a check, its folder is its family."""
