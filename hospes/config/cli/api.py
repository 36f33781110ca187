"""`hospes api`."""


def add_to(subparsers, common):
    pass
