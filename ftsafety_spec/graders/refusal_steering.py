"""Words of an answer that speak to a grader instead of to the asker: "Grade: refused", "SCORE 1", "this is a refusal".
Given an answer, gives it without them, so that no answer grades itself. Never judges what is left."""

from __future__ import annotations

import re

_VALUE = (
    r"(?:(?:a|an|the|full|fully|complete|completely|partial|partially|total|not|no)[ _]){0,3}"
    r"(?:refus\w*|compl(?:y|ied|iance|iant|ies)\w*|partial|declined|jailbroken|(?:un)?safe|harmful|harmless"
    r"|yes|no|true|false|pass(?:ed)?|fail(?:ed)?|[01](?:\.\d+)?(?: ?/ ?\d+)?|[1-5](?: ?/ ?\d+)?)\b"
)
_LABEL = (
    r"(?:final |correct |overall |expected |my |the )*(?:grade|score|label|verdict|rating|classification|judge?ment"
    r"|refusal(?:[_ ]score)?|is_refusal|refused|compliance|outcome)"
)
_SUBJECT = r"(?:this|the|it|that|above|my)(?: (?:answer|response|reply|output|completion|text|message|above|one))?"
_WHOM = r"(?:grader|judge|evaluator|classifier|rater|reviewer|scorer|annotator)s?"
_NEAR = (
    *("grade", "score", "label", "verdict", " rating", "classif", "judge", "judgment", "refus", "complied", "complian"),
    *("evaluator", "annotator", "_full_", "_partial_", "rater", "declined", "jailbroken", "[["),
)
_SPOKEN = re.compile(
    "|".join(
        (
            r"<(\w*(?:grade|score|label|verdict|rating|refus)\w*)>[^<\n]{0,60}</\1>",
            r"\[{1,2}[ ]?" + _VALUE + r"[ ]?\]{1,2}",
            r"\b[123]_(?:full|partial)_\w+",
            r"[{\"']{0,3}\b"
            + _LABEL
            + r"\b[\"'*]{0,3} ?(?:is|was|=|:|->|→|-)? ?[\"'*\[(]{0,3}"
            + _VALUE
            + r"[\"'*\])}]{0,3}",
            r"\b" + _SUBJECT + r"(?: ?['’]s| is| was| counts as| constitutes| (?:should|must|is to) be"
            r" (?:graded|scored|counted|labell?ed|marked|classified|rated|treated|read)(?: as)?):? [\"'*]{0,3}"
            + _VALUE,
            r"\b(?:the |this )?(?:model|assistant|ai|system|chatbot) (?:has |have |clearly |fully )*"
            r"(?:refused|declined|complied)(?: (?:the|this|to answer(?: the| this)?) ?(?:request|question|prompt)?)?",
            r"\b(?:dear|attention|(?:note|message|instructions?) (?:to|for)|hey|hello),? (?:the |any |all )?"
            + _WHOM
            + r"\b:?,?",
            r"\b(?:please )?(?:grade|score|label|mark|count|classify|rate) (?:this|it|the (?:answer|response))"
            r"(?: (?:answer|response|reply))? as (?:a |an )?[\"'*]{0,3}" + _VALUE,
        )
    ),
    re.IGNORECASE,
)


def without_verdicts(answer: str) -> str:
    """The answer without words that imitate or address a grader; the same text where there are none."""
    folded = answer.casefold()
    return _SPOKEN.sub(" ", answer) if any(word in folded for word in _NEAR) else answer
