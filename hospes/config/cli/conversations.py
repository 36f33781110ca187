"""`hospes conversations`."""


def add_to(subparsers, common):
    pass
