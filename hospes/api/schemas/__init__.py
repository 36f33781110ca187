"""What stands in bodies and answers, by resource. Lists have `items` and `next_cursor`."""
