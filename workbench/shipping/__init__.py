"""What leaves the house: a tuned model in the forms that others load, and the proof that it says the same."""
