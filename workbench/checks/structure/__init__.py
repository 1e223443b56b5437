"""The shape of a conversation: who speaks when, and whether anything is said."""
