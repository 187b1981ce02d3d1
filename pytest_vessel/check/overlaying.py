"""What is laid over a runtime: the providers that it is tried with, and what a payload sees of them."""

from __future__ import annotations

from pytest_vessel.adapter.contract import OVERRIDES_INSIDE
from pytest_vessel.adapter.protocol import Fill
from pytest_vessel.check.attempts import FIRST, NO_PAYLOAD, Attempt, content_of_payload, libraries, soname
from pytest_vessel.check.bench import Bench
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root
from pytest_vessel.fixtures.providers import Provider
from pytest_vessel.system.sysroot import Layout


def provider(bench: Bench, name: str) -> Provider:
    """A root with a library of this name; made once."""
    folder = bench.implementation.work / "trees" / f"provider-{name}"
    if not folder.exists():
        bench.builder.build(folder, Layout.COMPLETE_ROOT, Root((Library(soname(name), soname(name)),)), ref=False)
    return Provider(folder)


def runtime_seen(attempt: Attempt) -> str:
    """The runtime, by what the payload sees."""
    laid_over = provider(attempt.bench, FIRST)
    return content_of_payload(attempt.implementation.overlay(attempt.runtime(attempt.value), laid_over))


def provider_seen(attempt: Attempt) -> str:
    """The provider, by which library the payload sees."""
    running = attempt.implementation.overlay(attempt.runtime(), provider(attempt.bench, attempt.value))
    if not running.start().ready:
        running.stop()
        return NO_PAYLOAD
    inside = attempt.implementation.adapter.role(OVERRIDES_INSIDE, Fill({}, {}, {}))
    names = running.talk.ask("list", f"{inside}/lib/{NATIVE.name}")
    running.finish()
    return libraries(names)
