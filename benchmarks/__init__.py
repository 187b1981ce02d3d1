"""Measurements side by side with other programs for the same work: see README.md."""
