"""Commands of the console script, one a module: `add_to(commands)` describes one to the parser."""
