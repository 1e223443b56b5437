"""The run itself: the trainer, what is kept at each step, how it ends, and how it is gone on with and repeated"""
