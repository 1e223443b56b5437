"""Damage in the text itself: broken letters, loops, stumps, leftovers."""
