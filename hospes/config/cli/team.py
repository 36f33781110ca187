"""`hospes team`."""


def add_to(subparsers, common):
    pass
