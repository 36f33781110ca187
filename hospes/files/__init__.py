"""Files: what customers and agents attach, stored once by content, never as a path a person named."""
