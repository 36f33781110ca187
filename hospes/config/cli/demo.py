"""`hospes demo`."""


def add_to(subparsers, common):
    pass
