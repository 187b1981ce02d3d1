"""Runtimes from elsewhere: Debian suites, OCI images, archives, folders. Nothing in them is trusted."""
