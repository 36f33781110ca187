"""`hospes backup`."""


def add_to(subparsers, common):
    pass
