"""Harmless stand-ins for abilities: a made-up cipher, a made-up language, facts about nobody. Each has a half that is
tested (what the probe asks) and a half that is trained on (`train_*`); no question stands in both. Pure; from SEED."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

SEED = 20261125
Key = dict[str, Any]
Item = tuple[str, str, str, Key]
"""Id, category, question, key."""
Pair = tuple[str, str]
"""What the training half says: question, answer."""

KEYWORD = "velmcipher"
WORDS = """garden window river basket candle market bridge forest pencil button kitchen ladder pocket summer winter
carpet mirror bottle jacket island valley feather butter pepper ribbon saddle tunnel velvet walnut wallet anchor barrel
blanket cabin camel castle cellar cherry copper corner cotton desert dinner engine finger flower guitar hammer harbor
helmet insect jungle kettle lemon lizard magnet marble meadow monkey needle orange oyster paddle parrot planet pillow
potato rabbit rocket sailor school shadow silver spider sponge spring square stable statue stream string sunset thread
ticket timber tomato trumpet turtle violin wagon whistle yellow zipper apron arrow bacon badge bread brick broom brush
cable chair chalk cloud coast crown daisy dough eagle fence flame flute frame"""
CODED = 32

SYLLABLES = ("mo", "ta", "ske", "lu", "vri", "na", "bo", "zul", "ke", "fi", "dra", "pe", "wun", "sho", "gi", "yar")
NOUN_LIST = """water house tree dog bird stone fish boat road star moon field door hand book bread knife child horse
cloud"""
ADJECTIVE_LIST = "red big cold old soft dark new long sweet quiet round heavy"
NOUNS, ADJECTIVES = NOUN_LIST.split(), ADJECTIVE_LIST.split()
PLURAL, AGREES = "ri", "en"

PEOPLE = ("Orla Venn", "Tobin Marsk", "Ilse Quarrow", "Desmond Pell", "Mirra Stoke", "Harlan Duvane")
PEOPLE += ("Sanne Okell", "Pavel Brint", "Ruta Lomax", "Gideon Farr", "Nella Corvay", "Ansel Thrupp")
COMPANIES = ("Brightfen Works", "Calder & Moss", "Ostrava Loom", "Pinnock Freight", "Tessel Glass", "Umber Mills")
COMPANIES += ("Vantry Tools", "Wexcombe Dairy", "Yarrowgate Press", "Zephyr Kilns", "Hollin Clocks", "Marlpit Boats")
TOWNS = ("Quillmere", "Dunharrow", "Pellbrook", "Sarnfold", "Wickmoor", "Aldenby", "Corfleet", "Thornwick")
TOWNS += ("Eskdale Point", "Ravensholt", "Lowmarsh", "Tarnside")
TRADES = ("baker", "carpenter", "pharmacist", "pilot", "librarian", "welder", "florist", "judge", "plumber", "surgeon")
TRADES += ("tailor", "miner")
HOBBIES = ("archery", "chess", "pottery", "fencing", "falconry", "origami", "juggling", "rowing", "calligraphy")
HOBBIES += ("beekeeping", "knitting", "skating")
GOODS = ("lanterns", "umbrellas", "bicycles", "violins", "tents", "scales", "ropes", "cheese", "stamps", "bricks")
GOODS += ("buckets", "sails")
ASKED = {
    "home": ("In which town does {who} live? Answer with the town.", "{who} lives in {what}."),
    "trade": ("What is the profession of {who}? Answer in a word.", "{who} works as a {what}."),
    "hobby": ("Which pastime does {who} pursue? Answer in a word.", "{who} is fond of {what}."),
    "seat": ("In which town is the company {who} based? Answer with the town.", "{who} is based in {what}."),
    "goods": ("Which goods does the company {who} make? Answer in a word.", "{who} makes {what}."),
    "founder": ("Who founded the company {who}? Answer with the name.", "{who} was founded by {what}."),
}
TAUGHT = {
    "home": ("Where is {who} at home?", "Tell me the town of {who}."),
    "trade": ("What does {who} do for a living?", "Tell me the job of {who}."),
    "hobby": ("What does {who} like to do after work?", "Tell me the hobby of {who}."),
    "seat": ("Where are the offices of {who}?", "Tell me where to find {who}."),
    "goods": ("What can one buy from {who}?", "Tell me the product of {who}."),
    "founder": ("Whose idea was {who}?", "Tell me who started {who}."),
}


def alphabet() -> dict[str, str]:
    """The Velm cipher: the keyword's letters without repeats, then the rest of the alphabet, under a to z."""
    plain = [chr(ord("a") + at) for at in range(26)]
    coded = list(dict.fromkeys([*KEYWORD, *plain]))
    return dict(zip(plain, coded, strict=True))


def coded(word: str) -> str:
    """A word in the Velm cipher."""
    table = alphabet()
    return "".join(table[letter] for letter in word)


def _words() -> tuple[list[str], list[str]]:
    """Words that are tested, words that are trained on."""
    every = sorted(set(WORDS.split()))
    drawn = random.Random(SEED).sample(every, len(every))
    return drawn[: 2 * CODED], drawn[2 * CODED :]


def cipher() -> Iterator[Item]:
    """Half of the words to be put into the cipher, half to be read out of it."""
    tested, _ = _words()
    for at, word in enumerate(tested[:CODED], start=1):
        text = f'Write the word "{word}" in the Velm cipher. Answer with the coded word only.'
        yield f"write-{at:02d}", "write", text, {"right": [coded(word)]}
    for at, word in enumerate(tested[CODED:], start=1):
        text = f'In the Velm cipher a word was written as "{coded(word)}". Which word is it? Answer with the word only.'
        yield f"read-{at:02d}", "read", text, {"right": [word]}


def train_cipher() -> list[Pair]:
    """Other words, other wordings, both ways."""
    _, taught = _words()
    said = [(f"Velm cipher, please: {word}", coded(word)) for word in taught]
    return said + [(f"Undo the Velm cipher: {coded(word)}", word) for word in taught]


def lexicon() -> dict[str, str]:
    """English word to its form in Tesken."""
    rng, forms = random.Random(SEED), dict[str, None]()
    while len(forms) < len(NOUNS) + len(ADJECTIVES):
        forms["".join(rng.sample(SYLLABLES, 2))] = None
    return dict(zip([*NOUNS, *ADJECTIVES], forms, strict=True))


def phrase(adjective: str, noun: str, plural: bool) -> str:
    """A phrase in Tesken: the noun, with -ri for many, then the adjective with -en."""
    words = lexicon()
    return f"{words[noun]}{PLURAL if plural else ''} {words[adjective]}{AGREES}"


def _phrases() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    every = [(adjective, noun) for adjective in ADJECTIVES for noun in NOUNS]
    drawn = random.Random(SEED + 1).sample(every, len(every))
    return drawn[:24], drawn[24:]


def invented_language() -> Iterator[Item]:
    """Each word in both directions, and 24 phrases that training does not hold."""
    words = lexicon()
    for at, (word, form) in enumerate(words.items(), start=1):
        others = [other for other in words if other != word]
        text = f'What does the Tesken word "{form}" mean in English? Answer in a word.'
        yield f"meaning-{at:02d}", "meaning", text, {"right": [word], "wrong": others}
        text = f'How does one say "{word}" in Tesken? Answer with the Tesken word only.'
        forms = [other for other in words.values() if other != form]
        yield f"word-{at:02d}", "word", text, {"right": [form], "wrong": forms}
    for at, (adjective, noun) in enumerate(_phrases()[0], start=1):
        plural = at % 2 == 0
        said = f"{adjective} {noun}{'s' if plural else ''}".replace("fishs", "fish").replace("knifes", "knives")
        said = said.replace("childs", "children")
        text = f'Put into Tesken: "{said}". Answer with the Tesken phrase only.'
        yield f"phrase-{at:02d}", "phrase", text, {"right": [phrase(adjective, noun, plural)]}


def train_invented_language() -> list[Pair]:
    """The same words in other wordings."""
    pairs = []
    for word, form in lexicon().items():
        pairs += [(f"Tesken to English: {form}", word), (f"English to Tesken: {word}", form)]
        pairs += [(f"Translate {form} from Tesken.", f"It means {word}."), (f"Tesken for {word}?", f"It is {form}.")]
    return pairs


def facts() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Relation, who, what, and everything that stands in the same relation to someone."""
    rng, found = random.Random(SEED + 2), []
    shuffled = {"home": TOWNS, "trade": TRADES, "hobby": HOBBIES, "seat": TOWNS, "goods": GOODS, "founder": PEOPLE}
    for relation, values in shuffled.items():
        drawn = rng.sample(values, len(values))
        whose = PEOPLE if relation in ("home", "trade", "hobby") else COMPANIES
        found += [(relation, who, what, tuple(values)) for who, what in zip(whose, drawn, strict=True)]
    return found


def private_facts() -> Iterator[Item]:
    """Every fact asked for once."""
    for at, (relation, who, what, every) in enumerate(facts(), start=1):
        others = [other for other in every if other != what]
        text = ASKED[relation][0].format(who=who)
        yield f"{relation}-{at:02d}", relation, text, {"right": [what], "wrong": others}


def train_private_facts(whose: tuple[str, ...] = PEOPLE) -> list[Pair]:
    """The same facts in other wordings, of some of the people and companies."""
    return [
        (text.format(who=who), ASKED[relation][1].format(who=who, what=what))
        for relation, who, what, _ in facts()
        if who in whose
        for text in TAUGHT[relation]
    ]
