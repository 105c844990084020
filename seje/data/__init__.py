"""Records, near-duplicates and parallel work, shared by stages."""
