"""The roles that chat templates know, as the checks of structure share them."""

from __future__ import annotations

ROLES = ("system", "developer", "user", "assistant", "tool")
LEADS = ("system", "developer")  # OpenAI's newer name for the system's turn is developer
