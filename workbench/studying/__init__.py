"""Studies: several runs that answer one question, each trained and measured on the same golden rows."""
