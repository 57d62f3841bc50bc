"""HTML pages, one module for each, built from catalogue queries."""
