"""`hospes doctor`."""


def add_to(subparsers, common):
    pass
