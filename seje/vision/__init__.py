"""Phase I, photos: transforms, backbones, the category classifier."""
