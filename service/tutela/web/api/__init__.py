"""Interfaces for programs: SPARQL, catalogue queries, validation and their OpenAPI description."""
