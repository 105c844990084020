"""A stage's output in shards: what one is, where it lies, and how workers make many, on whatever engine."""
