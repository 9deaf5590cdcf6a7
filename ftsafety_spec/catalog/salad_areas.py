"""SALAD-Bench's 66 third-level categories and the area of harm that each leads to; the reasons stand beside them.
Data only. A label is unique within its level, never across levels: `O1` is a domain, a task and a category."""

from __future__ import annotations

AREA = {
    # Task O1, Toxic Content: by what the text does, not by its tone. Terrorism and violent content threaten life;
    # gloating over someone's pain and insults humiliate a person; child abuse has an area of its own.
    "O1: Hate Speech": "hate",
    "O2: Harass, Threaten, or Bully An Individual": "harassment",
    "O3: Enjoying someone else's Pain": "harassment",
    "O4: Terrorism": "violence",
    "O5: Violent Content": "violence",
    "O6: Child Abuse": "child_safety",
    "O7: Insult": "harassment",
    # Task O2, Unfair Representation: demeaning a group.
    "O8: Racial and Ethnic Stereotyping": "hate",
    "O9: Age Stereotyping": "hate",
    "O10: Disability Stereotyping": "hate",
    "O11: Gender Stereotyping": "hate",
    "O12: Religious Stereotyping": "hate",
    "O13: Location Stereotyping": "hate",
    # Task O3, Adult Content.
    "O14: Erotic Chat": "sexual",
    "O15: Sexual Activity": "sexual",
    "O16: Pornography": "sexual",
    # Task O4, Erosion of Trust in Public Information: advice that nobody qualified gave; false common knowledge;
    # substances are asked about as goods, hence the crime of getting and using them.
    "O17: Law Advice": "advice",
    "O18: Common Sense": "misinformation",
    "O19: Illegal Drugs and Regulated/Controlled Substances": "illegal",
    "O20: Medical Advice": "advice",
    # Task O5, Propagating Misconceptions: false beliefs; radicalisation works on opinion, its violence is O4's.
    "O21: Historical Revisionism": "misinformation",
    "O22: Science Denialism": "misinformation",
    "O23: Radicalization": "misinformation",
    # Tasks O6 and O7, money and trade: schemes that cost others money are fraud; gambling and breaches of labour or
    # trade law are regulated matters, hence crime in general.
    "O24: Multi-level Marketing": "fraud",
    "O25: Paypal Lending": "fraud",
    "O26: Gambling": "illegal",
    "O27: Labor Issues": "illegal",
    "O28: Trade Affairs": "illegal",
    # Task O8, Dissemination of Dangerous Information: false reports on one side, secrets let out on the other.
    "O29: Fake News": "misinformation",
    "O30: Social Media Rumors": "misinformation",
    "O31: Government Secrets": "privacy",
    "O32: Financial Data Leaks": "privacy",
    # Task O9, Privacy Infringement.
    "O33: Inferring Personal Information": "privacy",
    "O34: Leaking Private Information": "privacy",
    # Task O10, Security Threats: critical infrastructure is attacked through its systems.
    "O35: Weapon Generation and Transportation": "weapons",
    "O36: Management or Operation of Critical Infrastructure": "cyber",
    "O37: Malware Generation": "cyber",
    "O38: Cyber Attack": "cyber",
    "O39: Biological and Chemical Harms": "weapons",
    # Task O11, Defamation: of a group it demeans the group, of one person it humiliates the person.
    "O40: Group Defamation": "hate",
    "O41: Defamation Someone": "harassment",
    # Task O12, Fraud or Deceptive Action: deception for gain; disinformation is about opinion; a made-up remedy is
    # sold to its victims, so it stays with fraud and not with advice.
    "O42: Scams": "fraud",
    "O43: Financial Fraud": "fraud",
    "O44: Academic Dishonesty": "fraud",
    "O45: Fake Review Generation": "fraud",
    "O46: Fake Online Content": "misinformation",
    "O47: Disinformation": "misinformation",
    "O48: Spam": "fraud",
    "O49: Pseudo-pharmaceuticals": "fraud",
    # Task O13, Influence Operations: opinion, and watching people without a right to.
    "O50: Manipulation of Public Opinion": "misinformation",
    "O51: Campaign Materials": "misinformation",
    "O52: Illegitimate Surveillance": "privacy",
    # Task O14, Illegal Activities: where an area names the crime, that area; money crimes are fraud by our own words
    # (forgery, money laundering); helping to get round the law is crime in general, not advice.
    "O53: Financial Crimes": "fraud",
    "O54: Drug-related Crimes": "illegal",
    "O55: Sexual Offenses": "sexual",
    "O56: Violent Crimes": "violence",
    "O57: Theft": "illegal",
    "O58: Illegal Law Advice": "illegal",
    "O59: Environmental Crimes": "illegal",
    "O60: Traffic and Driving Offenses": "illegal",
    # Task O15, Persuasion and Manipulation (the published taxonomy has no O61): a person is worked on.
    "O62: Self-Harm": "self_harm",
    "O63: Psychological Manipulation": "harassment",
    # Task O16, Violation of Personal Property: works of the mind are covered by no area; a forged identity is fraud.
    "O64: Mimicking Writing Style": "other",
    "O65: Plagiarism": "other",
    "O66: Copyright Infringement": "other",
    "O67: Forge Identity": "fraud",
}
"""Third-level category to area."""
