"""One scorer a file; the file's name is the scorer's name. `evaluators.sample.catalogue()` finds them."""
