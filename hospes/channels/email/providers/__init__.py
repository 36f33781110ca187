"""Providers that take letters over HTTP: their own words for one, and what their answers mean.

What each of them wants to be told is django-anymail's knowledge; what may be concluded from an answer, ours.
"""
