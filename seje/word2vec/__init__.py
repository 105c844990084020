"""Stage `word2vec`: skip-gram word vectors. Section 2.1 of the paper."""
