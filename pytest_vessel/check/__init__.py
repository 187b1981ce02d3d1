"""`pytest-vessel check`: an adapter tried out, verb by verb, before anybody trusts a verdict that it leads to."""
