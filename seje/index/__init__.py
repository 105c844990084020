"""Stage `index`: everything embedded, ready for search."""
