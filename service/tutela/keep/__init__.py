"""Forms to enter and edit facts in a browser: `tutela keep`. On this computer only, and never part of the public service."""
