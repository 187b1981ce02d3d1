"""Overrides: what a container gets of another root, its *provider*; usually the host's graphics drivers.

A driver must fit the kernel and the hardware, so it comes from the provider. It needs libraries as new as those that it
was built with; programs in the container need those of the runtime, or newer ones. So, library by library, the newer of
two wins. All of it is one folder of links in the mutable copy, OVR::

    COPY/usr/lib/vessel/overrides     OVR; COPY/overrides leads to it, so that the container sees /overrides, read-only
        lib/TUPLE/SONAME              libraries for one architecture, links into /run/provider
        lib/TUPLE/aliases/NAME        other names of libraries
        lib/TUPLE/dri/NAME ...        drivers
        share/vulkan/icd.d/*.json ... what tells loaders of drivers where they are

Two rules make it safe to write there. All I/O below OVR counts from one descriptor of it (`folder`): what somebody does
to the names above it meanwhile changes nothing. And each thing that cannot be made is an error, which names it and
undoes the copy: no container runs with half of a driver.

==============  ==========================================================================================
`folder`        OVR itself: one descriptor, and all that is made below it
`roots`         the provider and the copy as roots: paths in them never lead out of them
`architecture`  kinds of libraries, and which of them the runtime can run
`libraries`     which libraries are wanted, and the helper program that captures them
`glibc`         what must come with the provider's libc: its loader, locale and gconv data
`drivers`       drivers: found by variables, laid out by name
`manifests`     JSON manifests: read, and written with the paths that the container sees
`aliases`       other names of libraries, as the runtime describes them
`shadows`       the runtime's own copies of what is overridden
`loading`       ld.so.conf, its cache, and the environment
`view`          what the container sees of OVR
`provider_view` what it sees of the provider
`making`        the order of the steps
==============  ==========================================================================================

All but `folder` and `view` is imported only when a provider is given: other runs start without it.
"""
