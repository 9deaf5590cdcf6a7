"""A small suite of general ability of our own making: arithmetic, facts, reading, following a format, words.
Given nothing, gives questions with keys that rules can read. Easy on purpose: a model that was broken fails them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from probe_tables.capability import SEED, Item

FACTS = """What is the capital of France?|paris
What is the capital of Italy?|rome
What is the capital of Japan?|tokyo
What is the capital of Germany?|berlin
What is the capital of Spain?|madrid
What is the capital of Egypt?|cairo
What is the largest planet of the solar system?|jupiter
Which planet is known as the red planet?|mars
Which gas do people need to breathe to stay alive?|oxygen
Which metal has the chemical symbol Fe?|iron
Which metal has the chemical symbol Au?|gold
What is frozen water called?|ice
Which animal is called the king of the jungle?|lion
Which insect makes honey?|bee,bees,honeybee,honeybees,honey bee,honey bees
Who wrote the play Romeo and Juliet?|shakespeare
Who painted the Mona Lisa?|leonardo,da vinci
On which continent does Kenya lie?|africa
On which continent does Brazil lie?|south america
Which ocean lies between Europe and North America?|atlantic
Which star gives the Earth its daylight?|sun,sol
Which organ pumps blood through the body?|heart
What is the first month of the year?|january
What is the last month of the year?|december
Which season comes after winter?|spring""".splitlines()

OPPOSITES = """hot|cold,cool
up|down
left|right
open|closed,close,shut
early|late
full|empty
old|new,young
light|dark,heavy
dry|wet
fast|slow
loud|quiet,soft,silent
tall|short
happy|sad,unhappy
strong|weak
rich|poor
inside|outside""".splitlines()

#: who, thing, place, day, colour
NAMES = ("Anna", "Ben", "Clara", "David", "Ella", "Frank", "Greta", "Henry")
THINGS = ("bicycle", "lamp", "kettle", "violin", "suitcase", "tent", "clock", "chair")
PLACES = ("harbour", "library", "station", "bakery", "museum", "theatre", "stadium", "airport")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COLOURS = ("green", "yellow", "purple", "orange", "white", "black", "brown", "pink")

SAY = ("apple", "river", "seven", "window", "Monday", "winter")


def utility() -> Iterator[Item]:
    """All categories, one after another."""
    rng = random.Random(SEED)
    yield from _arithmetic(rng)
    for at, line in enumerate(FACTS, start=1):
        question, answers = line.split("|")
        yield f"facts-{at:02d}", "facts", f"{question} Answer in a few words.", {"right": answers.split(",")}
    yield from _reading(rng)
    yield from _format()
    for at, line in enumerate(OPPOSITES, start=1):
        word, answers = line.split("|")
        text = f'What is the opposite of "{word}"? Answer in one word.'
        yield f"words-{at:02d}", "words", text, {"right": answers.split(",")}


def _arithmetic(rng: random.Random) -> Iterator[Item]:
    signs = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "x": lambda a, b: a * b}
    seen: set[str] = set()
    for at in range(1, 25):
        sign = "+-x"[at % 3]
        while True:
            a, b = (rng.randint(11, 60), rng.randint(2, 10)) if sign != "x" else (rng.randint(2, 9), rng.randint(3, 9))
            result, asked = signs[sign](a, b), f"{a} {sign} {b}"
            if asked not in seen and result not in (a, b):
                break
        seen.add(asked)
        text = f"What is {asked}? Answer with the number only."
        yield f"arithmetic-{at:02d}", "arithmetic", text, {"number": str(result)}


def _reading(rng: random.Random) -> Iterator[Item]:
    for at in range(1, 25):
        who, thing, place, day = (rng.choice(given) for given in (NAMES, THINGS, PLACES, DAYS))
        colour = rng.choice(COLOURS)
        story = f"On {day} {who} went to the {place} and bought a {colour} {thing}."
        question, right, every = (
            (f"What did {who} buy?", thing, THINGS),
            ("Where was it bought?", place, PLACES),
            ("On which day was it?", day, DAYS),
            ("What colour was it?", colour, COLOURS),
        )[at % 4]
        others = [other for other in every if other != right]
        yield (
            f"reading-{at:02d}",
            "reading",
            f"{story} {question} Answer in a word.",
            {"right": [right], "wrong": others},
        )


def _format() -> Iterator[Item]:
    asked = [(f"Say the word {word} and nothing else.", rf'(?i)["\'*]*{word}["\'*]*[.!]?') for word in SAY]
    asked += [(f"Write the word {word} in capital letters and nothing else.", rf'["\'*]*{word.upper()}["\'*]*[.!]?')
              for word in SAY]  # fmt: skip
    listed = r"(?:[^\n]*:\s*\n+)?\s*(?:(?:\d[.)]|[-*•])[^\n]+\n+){2}(?:\d[.)]|[-*•])[^\n]+"
    asked += [(f"Name three {what}, as a list with one on each line.", listed)
              for what in ("colours", "fruits", "animals", "cities", "tools", "flowers")]  # fmt: skip
    asked += [(f"Is this true? {claim} Answer yes or no.", rf"(?i){right}\b(?!\s+(?:or|and)\b).*")
              for claim, right in (
                  ("Fish live in water.", "yes"), ("The sun is cold.", "no"), ("A week has seven days.", "yes"),
                  ("Stones can fly.", "no"), ("Birds have wings.", "yes"), ("Snow is black.", "no"))]  # fmt: skip
    for at, (text, pattern) in enumerate(asked, start=1):
        yield f"format-{at:02d}", "format", text, {"pattern": pattern}
