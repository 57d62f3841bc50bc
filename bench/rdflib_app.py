"""Serve the triples of a file with rdflib-endpoint under uvicorn: ``rdflib_app.py FILE.nt PORT``."""

import sys

import uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint

if __name__ == "__main__":
    app = SparqlEndpoint(graph=Graph().parse(sys.argv[1], format="nt"))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical", access_log=False)
