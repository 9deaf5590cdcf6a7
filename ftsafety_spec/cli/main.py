"""The entry point of `ftsafety`. Given arguments, gives an exit status: what a command returns, 2 for what a user
got wrong, 1 for a fault of ours, 130 and 143 for signals. A traceback never reaches the terminal."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

import click

from ftsafety_spec import __version__
from ftsafety_spec.cli.group import LazyGroup, ReaderGone
from ftsafety_spec.cli.signals import Terminated, terminable
from ftsafety_spec.errors import FtsafetyError

EPILOG = "Exit status: 0 go, 3 pending, 10 no_go; 1 fault, 2 input, 4 incomplete, 5 verification failed."


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ftsafety")
def cli() -> None:
    """Did fine-tuning cost safety? Compare a tuned model with its base and judge it by a policy."""


def main(args: Sequence[str] | None = None) -> int:
    """Run one command; the console script exits with what this returns."""
    arguments = list(sys.argv[1:] if args is None else args)
    as_json = wants_json(arguments)
    _tolerant_streams()
    try:
        with terminable():
            return _status(cli.main(arguments, prog_name="ftsafety", standalone_mode=False, obj=arguments))
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    except FtsafetyError as error:
        return _print_error(error, as_json)
    except click.UsageError as error:
        from ftsafety_spec.cli.errors import usage_error

        return _print_error(usage_error(error), as_json)
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    except Terminated:
        return 143
    except (ReaderGone, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        from ftsafety_spec.cli.crash import crash_error

        return _print_error(crash_error(error, arguments), as_json)


RARELY = (20_000, 20, 20)
"""Start-up makes many objects that stay: looking for garbage among them takes time and finds none."""


def program() -> NoReturn:
    """`main` as a process: once its status is known, a late Ctrl-C does not replace it while Python winds down."""
    gc.set_threshold(*RARELY)
    status = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)


def wants_json(arguments: Sequence[str]) -> bool:
    """True where the arguments ask for JSON; read before click does, so that usage errors are JSON as well."""
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _status(result: object) -> int:
    return result if isinstance(result, int) else 0


def _print_error(error: FtsafetyError, as_json: bool) -> int:
    from ftsafety_spec.cli.errors import print_error

    print_error(error, as_json)
    return error.exit_status


def _tolerant_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    program()
