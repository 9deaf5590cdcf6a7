"""Texts that a grader model is shown, made harmless to it. Given a request and an answer, gives them without the marks
that chat templates, our fences or a grader's own format give a meaning; and the key that a verdict has to carry.
Never shortens a text: what does not fit into the model is unscored, for what was cut away could be what matters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ftsafety_spec.records.base import digest_of, digest_text

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_OPEN, _SHUT, _BAR = "<＜﹤‹〈⟨", ">＞﹥›〉⟩", "|｜¦│∣ǀ"
_GAP = r"\s{0,4}"
"""Space inside a mark; a bound keeps every pattern linear in the text."""
_BAR_TOKENS = (
    (re.compile(rf"[{_OPEN}]{_GAP}[{_BAR}]"), "(¦"),
    (re.compile(rf"[{_BAR}]{_GAP}[{_SHUT}]"), "¦)"),
    (re.compile(rf"[{_OPEN}]{{2}}{_GAP}/?{_GAP}SYS{_GAP}[{_SHUT}]{{2}}", re.IGNORECASE), "((SYS))"),
)
_TAGS = (
    r"s|bos|eos|pad|unk|mask|sop|eop|think|tool_call|tool_response|function|human|user|assistant|system|model|"
    r"(?:start|end)_of_(?:turn|text|image)|im_(?:start|end|sep)|end_of_utterance|endoftext|"
    r"prompt|request|response|answer|verdict|output|instructions?|conversation|"
    r"(?:begin|end)\b[^<>\n]{0,60}"
)
_TAG = re.compile(rf"[{_OPEN}]{_GAP}(/?{_GAP}(?:{_TAGS})){_GAP}[{_SHUT}]", re.IGNORECASE)
_SQUARE = re.compile(
    rf"[\[［]{_GAP}(/?{_GAP}(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS|CONTENT)|gMASK|sMASK|BOS|EOS|UNK|SEP|"
    rf"CLS|PAD|MASK|CONTEXT|BEHAVIOR|GENERATION|(?:request|answer)\b[^\]\n]{{0,40}})){_GAP}[\]］]",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^[ \t]{0,40}(?:[#*_>\-]{1,6}[ \t]{0,4})?(?:system|user|human(?: user)?|assistant|agent|model|"
    r"ai(?: assistant| model response)?|instructions?|input|output|request|response|answers?|behaviou?r|"
    r"generation|context|rules|evaluation|user instruction)[ \t]{0,4}[*_]{0,3}[ \t]{0,4}[:：]",
    re.IGNORECASE | re.MULTILINE,
)


def neutral(text: str) -> str:
    """A text whose every mark of a chat template, tag or role is written with other signs: readable for a model, but
    no longer a mark. Invisible characters are taken out first, so that none of them hides one."""
    text = _visible(text)
    for pattern, sign in _BAR_TOKENS:
        text = pattern.sub(sign, text)
    text = _TAG.sub(r"(\1)", text)
    text = _SQUARE.sub(r"(\1)", text)
    return _ROLE.sub(lambda found: "> " + found.group(), text)


def quoted(text: str, verdict: re.Pattern[str]) -> str:
    """The text with `> ` before every line in which a verdict of this form begins, so that a model that repeats the
    line gives no verdict."""
    lines = text.split("\n")
    return "\n".join("> " + line if verdict.match(unicodedata.normalize("NFKC", line)) else line for line in lines)


def fenced(name: str, key: str, text: str) -> str:
    """A neutral text between two lines that carry the key."""
    return f"[{name} {key}]\n{neutral(text).replace(key, '')}\n[/{name} {key}]"


def key_of(grader: str, request: str, answer: str) -> str:
    """The key of one question: made of digests of the grader's identity, the request and the answer, so that it is the
    same in every run and no answer can hold its own."""
    return "k" + digest_of([grader, digest_text(request), digest_text(answer)]).removeprefix("sha256:")[:16]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with `{name}` replaced for each name, in one pass: what a value holds is never replaced."""
    pattern = re.compile("|".join(re.escape("{" + name + "}") for name in values))
    return pattern.sub(lambda found: values[found.group()[1:-1]], template)


@cache
def prompt_text(name: str) -> str:
    """A grader's prompt out of `graders/data/prompts/`, without the newline at its end."""
    place = files("ftsafety_spec.graders").joinpath("data", "prompts", f"{name}.txt")
    return place.read_text(encoding="utf-8").removesuffix("\n")


def _visible(text: str) -> str:
    text = _BREAKS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co"))
