"""What a run leaves: the adapter or the whole model, with its card; merged, and the proof that both say the same"""
