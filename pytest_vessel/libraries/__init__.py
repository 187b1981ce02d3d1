"""Which libraries a loader would load, told from the files of a root alone: nothing of that root is run."""
