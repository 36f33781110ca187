"""Brands: the faces customers see, and the installation they belong to.

A brand gives a conversation its name and voice. Always true: every conversation and every
channel belongs to one brand, every brand to one site, and there is at least one of each.
"""
