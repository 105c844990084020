"""Phase II: towers, losses, discriminator, training."""
