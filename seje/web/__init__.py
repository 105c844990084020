"""The search page and its REST interface."""
