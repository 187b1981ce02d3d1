"""Deciders of section D: logs that can be compared."""
