"""What is looked at across runs: the ablation, any model on any collection, anyone's embeddings, a corpus."""
