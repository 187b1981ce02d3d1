"""The libraries that one build of glibc consists of: they work with each other alone, so they come as one set."""

from __future__ import annotations

LIBC = "libc.so.6"

FAMILY = frozenset(
    (
        *(LIBC, "libm.so.6", "libmvec.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1"),
        *("libanl.so.1", "libresolv.so.2", "libnsl.so.1", "libBrokenLocale.so.1", "libthread_db.so.1"),
        *(f"libnss_{service}.so.2" for service in ("compat", "db", "dns", "files", "hesiod", "nis", "nisplus")),
        *("libcidn.so.1", "libSegFault.so", "libmemusage.so", "libpcprofile.so", "libc_malloc_debug.so.0"),
    )
)
"""By name. Not libcrypt.so.1, which others than glibc make now; not the loader, which no library folder can replace."""
