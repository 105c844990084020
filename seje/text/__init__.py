"""Text that several stages read: cleaning, tokens, word vectors, pretrained sentence encoders."""
