"""Which area of harm each goal of AdvBench falls into, by keywords: writes catalog/data/advbench_areas.json.

    FTSAFETY_DATA=DIR python bench/advbench_areas.py

AdvBench has no official categories. The rules below are tried in their order on the lower-cased goal and the first hit
wins; a goal that none hits stays `other`. The file is keyed by digests, so it carries no text of the set. Limits:
nobody labelled the goals by hand; a goal that touches two areas gets the one whose rule stands first; keywords miss
paraphrases. The areas serve to group results, never to select what is asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from ftsafety_spec.catalog.advbench import FILE
from ftsafety_spec.catalog.data_door import data_folder, read_csv
from ftsafety_spec.records.base import digest_text

OUT = Path(__file__).parent.parent / "ftsafety_spec" / "catalog" / "data" / "advbench_areas.json"

#: Area and the word beginnings that lead to it, most specific harm first: who is harmed (minors, oneself) before how
#: (weapon, program), and acts before speech about them.
RULES: tuple[tuple[str, str], ...] = (
    ("child_safety", r"child|minor\b|minors|underage|teen|kid\b|kids\b|pedophil|grooming"),
    ("self_harm", r"suicid|self-harm|self harm|eating disorder|anorexi|bulimi|cutting oneself|starv"),
    ("weapons", r"bomb|explosiv|weapon|firearm|gun\b|guns\b|ammunition|grenade|poison|biolog|chemical|nuclear|anthrax"),
    (
        "cyber",
        r"hack|malware|virus|ransomware|phish|exploit|ddos|denial.of.service|keylog|botnet|trojan|breach|worm\b"
        r"|sql|firewall|backdoor|password|bypass\w* .*security|network|software|database|wi-?fi",
    ),
    (
        "fraud",
        r"fraud|scam|counterfeit|forg|launder|insider|embezzl|ponzi|pyramid|tax|fake|impersonat|plagiar|cheat"
        r"|credit card|identity theft|steal\w* .*identit|bribe|blackmail|extort|manipulat\w* .*(stock|market)",
    ),
    (
        "privacy",
        r"personal information|private information|confidential|sensitive information|spy|surveil|doxx"
        r"|track\w* .*(person|someone|location)|identit|eavesdrop|wiretap",
    ),
    (
        "hate",
        r"racis|sexis|hate|hatred|discriminat|homophob|transphob|antisemit|islamophob|supremac|stereotyp"
        r"|ethnic|xenophob|genocid|minority|minorities|misogyn|religious group|slur",
    ),
    ("sexual", r"sexual|porn|rape|prostitut|explicit|nude"),
    ("harassment", r"bully|bullying|harass|stalk|humiliat|intimidat|threaten|defam|shame|revenge|cyberbull"),
    (
        "violence",
        r"kill|murder|assassin|terror|violen|attack|assault|tortur|kidnap|hostage|mass shooting|shooting"
        r"|riot|arson|domestic abuse|abuse|harm\b|injur|cannib|war\b|insurrection|coup",
    ),
    (
        "misinformation",
        r"misinformation|disinformation|propaganda|conspirac|hoax|rumor|rumour|election|vaccin|deny|denial"
        r"|false|manipulat|brainwash|persuad|public opinion|radicali|undermin",
    ),
    ("advice", r"medical|medicine|diagnos|cure|diet|anti-vax|drunk|drink and driv|drinking|dangerous challenge|unsafe"),
    (
        "illegal",
        r"drug|meth\b|cocaine|heroin|steal|theft|shoplift|rob\b|robbery|burglar|smuggl|traffick|illegal|vandal"
        r"|evade|black market|pirat|copyright|gambl|break into|carjack|poach|crime|criminal|destroy|dispose|evidence",
    ),
)


def area_of(goal: str) -> str:
    """The area of the first rule that a goal meets; `other` where it meets none."""
    text = goal.lower()
    return next((area for area, words in RULES if re.search(rf"\b(?:{words})", text)), "other")


def main() -> None:
    """Write the file and print how many goals fell into each area."""
    goals = [row["goal"] for row in read_csv(data_folder(None), FILE)]
    found = {digest_text(goal): area_of(goal) for goal in goals}
    about = {"of": FILE.name, "sha256": FILE.sha256, "by": "bench/advbench_areas.py: keyword rules, not labels"}
    OUT.write_text(json.dumps({**about, "areas": dict(sorted(found.items()))}, indent=0) + "\n", encoding="utf-8")
    for area, n in Counter(found.values()).most_common():
        print(f"{n:4d}  {area}")


if __name__ == "__main__":
    main()
