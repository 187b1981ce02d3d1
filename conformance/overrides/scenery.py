"""The provider that most tests begin with: a Vulkan driver that needs a library, which needs another one."""

from __future__ import annotations

from pytest_vessel.conformance.overrides.drivers import VULKAN
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root

WITNESS = Library("libwitness.so.1.0.0", "libwitness.so.1")
"""What every provider has, and no runtime: who captures nothing lacks it, whatever else shall stay away."""

DRIVER = Library("libvulkan_made.so", needs=("libworld.so.1", WITNESS.soname))
WORLD = Library("libworld.so.1.9.0", "libworld.so.1", needs=("libdeep.so.2",))
DEEP = Library("libdeep.so.2.0.0", "libdeep.so.2")
NEEDS_WORLD = Library("needs-world", needs=(WORLD.soname,), folder="usr/libexec/vessel", cached=False)
"""What a runtime has, to ask its loader about."""

KEPT = Library("libkept.so.3.1.0", "libkept.so.3")
"""What a runtime has, and nobody overrides."""

GIVEN = (WORLD.given, DEEP.given, WITNESS.given)

DRIVERS = VULKAN.drivers(["made.json"])


def provider_root(*libraries: Library, driver: Library = DRIVER) -> Root:
    """A root with these libraries, a driver that needs the first of them as DRIVER does, and a loader."""
    return Root((driver, WITNESS, *libraries), {VULKAN.path("made.json"): VULKAN.text(driver.path)}, loaders=(NATIVE,))


PROVIDER = provider_root(WORLD, DEEP)


def knowledge(soname: str, rule: str) -> dict[str, str]:
    """A runtime's knowledge file, by its role: how one library is compared."""
    return {"knowledge": f"[Library {soname}]\nCompareBy={rule}\n"}
