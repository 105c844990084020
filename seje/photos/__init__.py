"""Photo files, decoded within bounds, and the photo store."""
