"""The protocol: ranks, median rank and recall, intervals."""
