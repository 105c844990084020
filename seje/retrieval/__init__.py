"""Ranks, metrics and baselines of cross-modal retrieval."""
