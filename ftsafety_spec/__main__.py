"""`python -m ftsafety_spec`: the same as the command `ftsafety`, with the same exit status."""

from ftsafety_spec.cli.main import program

if __name__ == "__main__":
    program()
