"""Phase I, text: tokens, word vectors, key terms, term rating, sentence vectors."""
