"""`hospes mail`."""


def add_to(subparsers, common):
    pass
