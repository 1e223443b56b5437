"""Probes: what a tuned model forgot, learned by heart, or says where nobody asked for it."""
