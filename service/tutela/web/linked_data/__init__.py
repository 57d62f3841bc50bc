"""Linked data: every IRI of the project as a page and as RDF, and downloads."""
