"""Stage `images`: every photo decoded once and packed into the photo store."""
