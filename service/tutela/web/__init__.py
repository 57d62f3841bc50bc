"""The service over HTTP: pages, SPARQL, linked data, catalogue queries, validation and downloads.

`tutela.web.routes` lists every URL.
"""
