"""The graph made from the tables: lift, construct, derive."""

from tutela.graph.construct import construct, derive, lift

__all__ = ["construct", "derive", "lift"]
