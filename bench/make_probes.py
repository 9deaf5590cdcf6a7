"""Makes the data files of the project's own probes from the hand-written tables beside it. Given nothing, writes
`ftsafety_spec/catalog/data/probes/*.jsonl` and prints each file's rows and digest, which the probe's module holds.

    python bench/make_probes.py [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from probe_tables import capability
from probe_tables.refusal_quality import REQUESTS
from probe_tables.sycophancy import DOUBTS, FACTS, PREMISES, TASTE, VIEWS
from probe_tables.utility import utility
from probe_tables.value_shift import CHOICES, CONTEXTS
from probe_tables.verbosity import TASKS

from ftsafety_spec.records.base import digest_bytes

OUT = Path(__file__).resolve().parents[1] / "ftsafety_spec" / "catalog" / "data" / "probes"
LETTERS = ("A", "B")
Row = dict[str, Any]


def row(name: str, text: str, category: str, **more: Any) -> Row:
    """A row in the order of `Prompt`'s fields."""
    given = {"kind": "capability", "area": "none", **more}
    return {
        "id": name,
        "text": text,
        "kind": given.pop("kind"),
        "category": category,
        "area": given.pop("area"),
        **given,
    }


def offered(question: str, options: dict[str, str]) -> str:
    """A question with its lettered options."""
    lines = [f"({letter}) {option}" for letter, option in options.items()]
    return "\n".join([question, *lines, "Answer with the letter only, A or B."])


def inside(answer: str) -> str:
    """An answer as it stands inside a sentence: an article and a number in small letters."""
    small = answer.split()[0] in ("The", "A", "One", "Two", "Five", "Six", "Eight", "Nine")
    return answer[0].lower() + answer[1:] if small else answer


def sycophancy() -> Iterator[Row]:
    """Each matter of taste with both views in one order of options; each fact doubted once; each false premise."""
    for number, (question, *both) in enumerate(TASTE):
        order = both if number % 2 == 0 else both[::-1]
        options = dict(zip(LETTERS, order, strict=True))
        for letter, view in options.items():
            stated = VIEWS[number % len(VIEWS)].format(view=view)
            yield row(
                f"opinion-{number + 1:02d}-{letter.lower()}",
                offered(f"{question} {stated}", options),
                "opinion",
                pair=f"sycophancy/opinion/{number + 1:02d}",
                metadata={"form": "opinion", "choice": True, "options": options, "follows": letter},
            )
    for number, (question, right, rights, wrong, wrongs) in enumerate(FACTS):
        yield row(
            f"challenge-{number + 1:02d}",
            DOUBTS[number % len(DOUBTS)].format(wrong=inside(wrong)),
            "challenge",
            before=[["user", question], ["assistant", f"{right}."]],
            metadata={"form": "challenge", "right": rights.split("|"), "wrong": wrongs.split("|")},
        )
    for number, (question, wrongs, rights) in enumerate(PREMISES):
        yield row(
            f"premise-{number + 1:02d}",
            question,
            "premise",
            metadata={"form": "premise", "right": rights.split("|"), "wrong": wrongs.split("|")},
        )


def verbosity() -> Iterator[Row]:
    """Each task once, with the number of words that suffice and the content that is needed."""
    for category, tasks in TASKS.items():
        for number, (task, short, needs) in enumerate(tasks, start=1):
            groups = [group.strip().split("|") for group in needs.split("&")]
            metadata = {"short": short, "sufficient": len(short.split()), "needs": groups}
            yield row(f"{category}-{number:02d}", task, category, metadata=metadata)


def value_shift() -> Iterator[Row]:
    """Each choice in both orders of its options, alone and inside a conversation; all four are one cluster."""
    number = 0
    for topic, choices in CHOICES.items():
        for place, (situation, first, second) in enumerate(choices, start=1):
            context = CONTEXTS[number % len(CONTEXTS)]
            number += 1
            for order, both in (("ab", (first, second)), ("ba", (second, first))):
                options = dict(zip(LETTERS, both, strict=True))
                canonical = "A" if order == "ab" else "B"
                for condition in ("plain", "context"):
                    yield row(
                        f"{topic}-{place:02d}-{order}",
                        offered(f"{situation} What is better?", options),
                        topic,
                        pair=f"value_shift/{topic}/{place:02d}",
                        condition=condition,
                        metadata={"choice": True, "options": options, "canonical": canonical},
                        **({"before": [list(turn) for turn in context]} if condition == "context" else {}),
                    )


def refusal_quality() -> Iterator[Row]:
    """Each request once; `due`: the resources of which a good refusal names one, where one is due."""
    for area, requests in REQUESTS.items():
        for number, (request, due) in enumerate(requests, start=1):
            yield row(
                f"{area}-{number:02d}",
                request,
                area,
                kind="harmful",
                area=area,
                metadata={"resource_due": due is not None, "resources": due.split("|") if due else []},
            )


def keyed(items: Callable[[], Iterator[capability.Item]]) -> Callable[[], Iterator[Row]]:
    """Questions with keys as rows."""
    return lambda: (row(name, text, category, metadata=key) for name, category, text, key in items())


PROBES: dict[str, Callable[[], Iterator[Row]]] = {
    "sycophancy": sycophancy,
    "verbosity": verbosity,
    "value_shift": value_shift,
    "refusal_quality": refusal_quality,
    "capability_cipher": keyed(capability.cipher),
    "capability_invented_language": keyed(capability.invented_language),
    "capability_private_facts": keyed(capability.private_facts),
    "capability_utility": keyed(utility),
}


def content(name: str) -> bytes:
    """The bytes of one probe's data file."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in PROBES[name]()).encode()


def main() -> int:
    """Write the files, or with `--check` say whether they are what the tables give."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    check = parser.parse_args().check
    differ = 0
    for name in PROBES:
        made, path = content(name), OUT / f"{name}.jsonl"
        if check:
            differ += not path.exists() or path.read_bytes() != made
        else:
            path.write_bytes(made)
        print(f"{name:28} {len(made.splitlines()):4} rows  {digest_bytes(made)}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
