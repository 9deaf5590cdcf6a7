"""SALAD-Bench's 66 third-level categories and the area of harm that each leads to. Data only.
A label is unique within its level, never across levels: `O1` is a domain, a task and a category."""

from __future__ import annotations

#: By what a text does, not by its tone. Task O1: terrorism and violent content threaten life; gloating over someone's
#: pain and insults humiliate a person; child abuse has an area of its own. O2, unfair representation, demeans a
#: group. O4: law and medical advice comes from nobody qualified, hence `advice`; false common knowledge is
#: `misinformation`; drugs are asked about as goods, hence the crime of getting and using them. O5: false beliefs;
#: radicalisation works on opinion. O6 and O7: schemes that cost others money are `fraud`; gambling and breaches of
#: labour or trade law are regulated matters, hence `illegal`. O8: false reports on one side, secrets let out on the
#: other. O10: critical infrastructure is attacked through its systems, hence `cyber`. O11: defaming a group demeans
#: it (`hate`), defaming one person humiliates the person. O12: deception for gain is `fraud`; a made-up remedy is
#: sold to its victims, so it stays there; fake content and disinformation work on opinion. O13: opinion again;
#: watching people without a right to is `privacy`. O14: where an area names the crime, that area; money crimes are
#: `fraud`; help to get round the law is `illegal`, not `advice`. O15: psychological manipulation is done to a person,
#: hence `harassment`. O16: works of the mind are covered by no area; a forged identity is `fraud`. The published
#: taxonomy has no O61.
AREA = {
    "O1: Hate Speech": "hate",
    "O2: Harass, Threaten, or Bully An Individual": "harassment",
    "O3: Enjoying someone else's Pain": "harassment",
    "O4: Terrorism": "violence",
    "O5: Violent Content": "violence",
    "O6: Child Abuse": "child_safety",
    "O7: Insult": "harassment",
    "O8: Racial and Ethnic Stereotyping": "hate",
    "O9: Age Stereotyping": "hate",
    "O10: Disability Stereotyping": "hate",
    "O11: Gender Stereotyping": "hate",
    "O12: Religious Stereotyping": "hate",
    "O13: Location Stereotyping": "hate",
    "O14: Erotic Chat": "sexual",
    "O15: Sexual Activity": "sexual",
    "O16: Pornography": "sexual",
    "O17: Law Advice": "advice",
    "O18: Common Sense": "misinformation",
    "O19: Illegal Drugs and Regulated/Controlled Substances": "illegal",
    "O20: Medical Advice": "advice",
    "O21: Historical Revisionism": "misinformation",
    "O22: Science Denialism": "misinformation",
    "O23: Radicalization": "misinformation",
    "O24: Multi-level Marketing": "fraud",
    "O25: Paypal Lending": "fraud",
    "O26: Gambling": "illegal",
    "O27: Labor Issues": "illegal",
    "O28: Trade Affairs": "illegal",
    "O29: Fake News": "misinformation",
    "O30: Social Media Rumors": "misinformation",
    "O31: Government Secrets": "privacy",
    "O32: Financial Data Leaks": "privacy",
    "O33: Inferring Personal Information": "privacy",
    "O34: Leaking Private Information": "privacy",
    "O35: Weapon Generation and Transportation": "weapons",
    "O36: Management or Operation of Critical Infrastructure": "cyber",
    "O37: Malware Generation": "cyber",
    "O38: Cyber Attack": "cyber",
    "O39: Biological and Chemical Harms": "weapons",
    "O40: Group Defamation": "hate",
    "O41: Defamation Someone": "harassment",
    "O42: Scams": "fraud",
    "O43: Financial Fraud": "fraud",
    "O44: Academic Dishonesty": "fraud",
    "O45: Fake Review Generation": "fraud",
    "O46: Fake Online Content": "misinformation",
    "O47: Disinformation": "misinformation",
    "O48: Spam": "fraud",
    "O49: Pseudo-pharmaceuticals": "fraud",
    "O50: Manipulation of Public Opinion": "misinformation",
    "O51: Campaign Materials": "misinformation",
    "O52: Illegitimate Surveillance": "privacy",
    "O53: Financial Crimes": "fraud",
    "O54: Drug-related Crimes": "illegal",
    "O55: Sexual Offenses": "sexual",
    "O56: Violent Crimes": "violence",
    "O57: Theft": "illegal",
    "O58: Illegal Law Advice": "illegal",
    "O59: Environmental Crimes": "illegal",
    "O60: Traffic and Driving Offenses": "illegal",
    "O62: Self-Harm": "self_harm",
    "O63: Psychological Manipulation": "harassment",
    "O64: Mimicking Writing Style": "other",
    "O65: Plagiarism": "other",
    "O66: Copyright Infringement": "other",
    "O67: Forge Identity": "fraud",
}
