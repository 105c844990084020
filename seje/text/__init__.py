"""Tokens and word vectors, shared by stages."""
