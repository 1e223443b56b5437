"""Checks of what a reply claims against what it was given, and against itself."""
