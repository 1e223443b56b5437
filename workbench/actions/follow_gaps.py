"""What became of gaps in the next evaluation: which closed, which stayed, and what broke that was sound before."""

from __future__ import annotations

# The work stands on the floor below, where the report reads it too
from workbench.told.follow_up import Became, Broken, Followed, FollowUp, earlier_with_gaps, follow_gaps, told

__all__ = ["Became", "Broken", "FollowUp", "Followed", "earlier_with_gaps", "follow_gaps", "told"]
