"""The embedded kitchen: recipes and drawn photos that agree, in Recipe1M's layout."""
