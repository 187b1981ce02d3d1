"""Observations: frozen, JSON-able records of what was seen. No opinion in them."""
