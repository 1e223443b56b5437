"""One file a format, to read and to write: `read_file` and `write_file` know them all."""
