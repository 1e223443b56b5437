"""What judging needs of the store: whom to ask, about which rows, what people said, and what may be shown of it."""
