"""Stage `keyterms`: the ingredient tagger and the key terms of every recipe."""
