"""Stage `evaluation`: the papers' protocol on the test partition, baselines beside it."""
