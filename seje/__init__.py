"""SEJE: one space in which a recipe's text and a photo of the dish lie close together."""
