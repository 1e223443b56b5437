"""Blind rating: how a round is planned, its cards handed out, and what people said counted."""
