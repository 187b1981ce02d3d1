"""Capturing libraries: which of a provider's libraries a container gets, and by which links."""
