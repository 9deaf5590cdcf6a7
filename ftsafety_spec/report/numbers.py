"""Numbers for people: 0.947 → 94.7 %, an interval beside every rate. Given floats, gives words; null is never zero."""

from __future__ import annotations

from typing import Any

NBSP = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "unknown"


def percent(value: float | None, digits: int = 1) -> str:
    """`94.7 %`; `unknown` for null."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value) * 100:.{digits}f}"
    sign = MINUS if value < 0 and float(text) != 0 else ""
    return f"{sign}{text}{NBSP}%"


def points(value: float | None) -> str:
    """`11.4 points`: a difference of two rates."""
    return percent(value).replace("%", "points") if value is not None else UNKNOWN


def interval(pair: tuple[float, float] | None) -> str:
    """`7.1 % to 17.3 %`; `no interval` for null."""
    return "no interval" if pair is None else f"{percent(pair[0])}{NBSP}to{NBSP}{percent(pair[1])}"


def count(value: int | float | None) -> str:
    """`12,500`; `unknown` for null."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def plural(number: int, noun: str) -> str:
    """`1 prompt`, `2 prompts`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def short(digest: str | None) -> str:
    """The first 12 hex digits of a digest."""
    return "none" if digest is None else digest.removeprefix("sha256:")[:12]


def words(value: Any) -> str:
    """Any plain value of a record in words: mappings as `key value`, lists with commas."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return count(value) if abs(value) >= 1 or value == 0 else f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')}: {words(item)}" for name, item in value.items()) or "none"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(words(item) for item in value) or "none"
    return str(value)
