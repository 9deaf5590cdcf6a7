"""`python -m ftsafety_spec`: the same as the command `ftsafety`, with the same exit status."""

import sys

from ftsafety_spec.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
