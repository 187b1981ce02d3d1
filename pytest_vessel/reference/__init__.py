"""The reference: a small container runtime that keeps every promise of the locking model. Made to be read.

A *runtime* is a folder, SRC. Whoever uses SRC holds a shared lock on the file `SRC/.ref`; whoever wants to delete SRC
must first get the exclusive lock on the same file, and so never deletes what is in use. That is the whole model;
the rest is care, and each module takes care of one thing:

==============  ==========================================================================================
`lock`          one lock on one file: which system call, what to do when it is refused, whether the file that
                was locked is still the file at that path
`run`           who holds the lock, and how long: the first process of the container, which ends last
`container`     what the container sees: SRC as its root or its /usr, never written to
`tool`          a command that runs while a lock is held
`remove`        deleting a runtime: the exclusive lock first, the lock file last
`process`       children: starting them, passing signals on, waiting for the last of them
`kernel`        the few Linux calls that Python does not have
`trouble`       errors, each with its exit status
`program`       the command line
==============  ==========================================================================================

Python's standard library and Linux are all it needs (kernel 5.12 with user namespaces for `run`). It is reached
as `python -m pytest_vessel.reference` only, and imports nothing else of this project. It imports little of the
standard library either: most of the time that a run takes is Python starting.
"""
