"""Stage `ranking`: term rating and the weighted key-term feature."""
