"""Results for people: plain tables, and the one-file report."""
