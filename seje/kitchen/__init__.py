"""Stage `kitchen`: the embedded data set, recipes and drawn photos in Recipe1M's layout."""
