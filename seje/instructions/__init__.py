"""Stage `instructions`: the sentence encoder and the vectors of all lines."""
