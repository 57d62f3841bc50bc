"""ASGI middleware: the response cache and security headers."""
