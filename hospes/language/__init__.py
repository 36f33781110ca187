"""Language: which language a text is in, and what we say in each."""
