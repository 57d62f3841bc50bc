"""Conformance with the W3C test suites and with the OpenAPI description."""
