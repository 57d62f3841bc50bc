"""Hostile clients, hostile queries and broken remote engines."""
