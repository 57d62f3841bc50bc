"""Facts in the data, compared with their sources, and the expected answers of all queries."""
