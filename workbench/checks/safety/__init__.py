"""What should not be taught: refusals by accident, and other people's personal data."""
