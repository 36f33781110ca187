"""Search: one table of words fed by a reaction, in every script."""
