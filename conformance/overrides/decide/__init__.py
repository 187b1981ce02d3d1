"""The deciders of the overrides suite: pure functions of what was seen; they also run in `pytest-vessel replay`."""
