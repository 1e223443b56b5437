"""Goldloop: curate fine-tuning data, hold out a golden set, train an adapter and prove what it brought."""

__version__ = "0.1.0"
