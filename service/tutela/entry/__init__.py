"""Guided entry: from a few answers to the rows of all tables that a fact needs, with what follows from them.

`tutela add` asks on a terminal, and `tutela keep` with forms in a browser. Both use what is here.
"""
