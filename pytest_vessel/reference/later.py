"""A step whose module is imported only when somebody asks for it: most runs do without, and start sooner."""

from __future__ import annotations


class Later:
    """A class attribute that stands for a class of another module."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __get__(self, instance: object, owner: type) -> type:
        """Import it."""
        step: type = getattr(__import__(self.module, fromlist=[self.name]), self.name)
        return step
