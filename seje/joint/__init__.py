"""Stage `joint`, phase II: towers, losses, discriminator, training."""
