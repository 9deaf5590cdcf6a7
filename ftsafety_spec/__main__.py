"""`python -m ftsafety_spec`: the same as the command `ftsafety`."""

from ftsafety_spec.cli.main import main

if __name__ == "__main__":
    main()
