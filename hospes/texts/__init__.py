"""Texts: what we say again and again, each with variants by language, market, formality and channel."""
