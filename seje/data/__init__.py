"""Recipes and photos as they come: records, the Recipe1M reader, the kitchen, the photo store."""
