"""Files of known failures: reading them, choosing those of a run, writing them anew; and those of implementations that
we know (`NAME.toml` here)."""
