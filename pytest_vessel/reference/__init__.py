"""The reference: a small container runtime that keeps every promise of the locking model. Made to be read.

A *runtime* is a folder, SRC. Whoever uses SRC holds a shared lock on the file `SRC/.ref`; whoever wants to delete SRC
must first get the exclusive lock on the same file, and so never deletes what is in use. That is the whole model;
the rest is care. A container may also run in a *mutable copy* of SRC, a folder below PARENT with a lock file of its
own; and whoever cleans up PARENT gets the exclusive lock on `PARENT/.ref` first, so that no copy is made meanwhile.
Each module takes care of one thing:

==============  ==========================================================================================
`lock`          one lock on one file: which system call, what to do when it is refused, whether the file that
                was locked is still the file at that path
`run`           who holds the lock, and how long: the first process of the container, which ends last
`container`     what the container sees: SRC as its root or its /usr, never written to
`tool`          a command that runs while a lock is held
`mutable`       making a mutable copy under three locks, and running in it
`tree`          copies of folders by hard links
`collect`       deleting the copies that nobody uses
`remove`        deleting a runtime: the exclusive lock first, the lock file last
`overrides`     what a container gets of another root: libraries, drivers; a package
`capturing`     which libraries those are, as links
`later`         a step that is imported only when it is needed
`process`       children: starting them, passing signals on, waiting for the last of them
`kernel`        the few Linux calls that Python does not have
`trouble`       errors, each with its exit status
`program`       the command line
==============  ==========================================================================================

Python's standard library and Linux are all it needs (kernel 5.12 with user namespaces for `run` and `copy`, 5.6
for `collect` and for overrides). It is reached
as `python -m pytest_vessel.reference` only, and imports nothing else of this project; only `capturing` does, when it
is used, since which library is to be taken is worked out there (`pytest_vessel.capture`). It imports little of the
standard library either: most of the time that a run takes is Python starting.
"""
