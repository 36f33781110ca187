"""Where Hospes is put together: settings, URLs, reactions, and the command line."""
