"""How the rows are spread: lengths and topics of the dataset against itself."""
