"""The local web app: runs and verdicts, one run, differing answers, the review queue, policy replay. Given a
project, gives pages on a loopback address. What it writes, a terminal command can write too, by the same functions."""

from ftsafety_spec.console.access import Access
from ftsafety_spec.console.app import make_app
from ftsafety_spec.console.serving import Server

__all__ = ["Access", "Server", "make_app"]
