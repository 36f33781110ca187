"""`python -m hospes` is the command line."""

import sys

from hospes.config.cli import main

sys.exit(main())
