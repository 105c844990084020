"""Stage `categories`: recipe categories, the photo classifier, photo features."""
