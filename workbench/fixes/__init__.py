"""The catalogue of fixes: one file a fix."""
