"""People outside: customers and the ways to reach them.

An identity is one claimed or proven way to reach a customer. Always true: an address belongs to
at most one customer; two customers are never merged by themselves; only `verified_at` makes an
identity proof of who somebody is.
"""
