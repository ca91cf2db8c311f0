"""What each attack is called, who the attacker is, and how to read what comes out."""

from core.evaluation.bounds import ATTACK_BOUNDS
from core.evaluation.words import Words

_CHANCE = "no leak"
_AUC = "0.5 is a coin toss, 1 gives every member away."
_RISK = (
    "0: members are no more exposed than people who were not among the training rows. 1: all are."
)


def _words(name: str, meaning: str, computed: str, reading: str, misleads: str) -> Words:
    share = ATTACK_BOUNDS[name].low == 0
    title = ATTACK_BOUNDS[name].title
    return Words(title, meaning, reading, _CHANCE, share, computed=computed, misleads=misleads)


ATTACK_WORDS: dict[str, Words] = {
    "copies": _words(
        "copies",
        "Somebody who holds the synthetic rows finds whole records of real people in them.",
        "Share of synthetic rows that equal a training row in every learned column, beyond the "
        "share of holdout rows that do: (share − control) ÷ (1 − control), with Wilson intervals.",
        "0. In narrow tables equal rows are common, which the holdout takes up.",
        "Sees exact equality only: a copy with one digit changed counts as new.",
    ),
    "near_copies": _words(
        "near_copies",
        "Somebody finds rows that are real records with small changes.",
        "Share of synthetic rows that lie at most half as far from a training row as from any "
        "holdout row, beyond the same share of holdout rows. The search goes over all rows.",
        "0. Rows without a leak lie near one side as by chance.",
        "Numbers are scaled by their spread and rare categories beyond the 30 most frequent look "
        "alike: a copy that differs much in one scaled number is not seen as near.",
    ),
    "nearer": _words(
        "nearer",
        "The generator drew the synthetic rows towards the people it has seen.",
        "Distance to the closest record: how often the nearest real row of a synthetic row is a "
        "training row, as if there were as many holdout rows. How often holdout rows themselves "
        "are nearest to a training row gives the correction for the sizes.",
        "0.5; 1 is a copy.",
        "An average: a few copied rows among many hardly move it.",
    ),
    "neighbour_ratio": _words(
        "neighbour_ratio",
        "A synthetic row points to one person alone, not to a crowd.",
        "Nearest over second nearest training row, for synthetic and for holdout rows; how often "
        "a synthetic row has the smaller ratio (area under the ROC curve).",
        "0.5 or less; 1 is a copy.",
        "Rows with twins have a ratio of 1 however well they were copied.",
    ),
    "membership": _words(
        "membership",
        "Somebody knows the full record of a person and wants to learn whether it was among the "
        "training rows: of patients, debtors, members of a party.",
        "As many training as holdout rows; the nearer the closest synthetic row, the likelier a "
        "member. Area under the ROC curve, and the share of members found when 1 % and 0.1 % of "
        "others are accused wrongly.",
        _AUC,
        "An average over everybody: look at the most isolated records too. The rates at few "
        "false accusations need large holdouts.",
    ),
    "membership_density": _words(
        "membership_density",
        "The same attacker also has other records of the population, and looks for places where "
        "synthetic rows are denser than people are.",
        "In the manner of DOMIAS (van Breugel et al., 2023): density of synthetic rows over "
        "density of a reference, here half of the holdout, each from the distance to the nearest "
        "row in the first eight principal components.",
        _AUC,
        "The reference takes half of the holdout, so that small tables give wide intervals.",
    ),
    "membership_isolated": _words(
        "membership_isolated",
        "The same question for the records that stand apart, which a generator remembers first.",
        "The membership test by nearest row on the most isolated one per cent of training and "
        "holdout rows (more in small tables, as stated).",
        _AUC,
        "Few records, hence a wide interval. One remembered person among many is lost in it.",
    ),
    "attribute_inference": _words(
        "attribute_inference",
        "Somebody knows all of a person's columns but one, and reads that one from the synthetic "
        "row that is most alike.",
        "Up to five columns, sensitive ones first. Right when equal; numbers within 5 %; dates "
        "within a twentieth of their spread. Risk beyond holdout rows: (attack − control) ÷ "
        "(1 − control), as in anonymeter (Giomi et al., 2023), with Wilson intervals.",
        _RISK,
        "What can be guessed of anybody in the population is no leak of a member, and is taken "
        "off; it may be unwelcome all the same. The interval is wide where all is easy to guess.",
    ),
    "linkability": _words(
        "linkability",
        "Somebody holds two part records, of two sources, and uses the synthetic rows to learn "
        "that both belong to one person.",
        "The columns are cut into two halves. A hit: both halves of a record have the same "
        "closest synthetic row. Risk beyond holdout rows, as in anonymeter.",
        _RISK,
        "Where many synthetic rows are equally close one is taken by lot, so that even a copy "
        "is linked only in part: compare with the copy, not with 1.",
    ),
    "singling_out": _words(
        "singling_out",
        "Somebody describes a single synthetic row by up to three columns, and bets that exactly "
        "one real person meets the description.",
        "Descriptions that meet one synthetic row: numbers at least or at most its own, "
        "categories equal. A hit: exactly one training row meets it. Risk beyond holdout rows as "
        "in anonymeter; a smaller holdout is scaled up by how many rows the descriptions meet.",
        _RISK,
        "Extremes single out by chance too, and a control smaller than the training rows is "
        "scaled up by a model.",
    ),
    "replay": _words(
        "replay",
        "Somebody reads names, mail addresses or numbers that were to be replaced, masked or "
        "dropped.",
        "Share of the values of such columns, of those that only training rows have, that occur "
        "in the synthetic rows; beyond values that only holdout rows have, which occur by "
        "accident. All values are compared; only counts are kept.",
        "0.",
        "Whole cells are compared. A name inside of a longer text is not found.",
    ),
    "anonymity": _words(
        "anonymity",
        "Somebody knows a person's quasi-identifiers, such as birth year, sex and postcode, and "
        "finds a synthetic row with the same ones.",
        "Of people who are alone with their quasi-identifiers among all real rows, the share of "
        "training rows that occur in the synthetic rows, beyond the share of holdout rows. Beside "
        "it the smallest group of synthetic rows and the share in small groups.",
        _RISK,
        "Synthetic rows are nobody's, so that a small group among them is no person: what "
        "counts is whether it is one among the training rows more often than by chance.",
    ),
    "rare_values": _words(
        "rare_values",
        "Somebody finds a category that only one or a few people have, and so knows that they "
        "were among the training rows.",
        "Of categories that a single real row has, the share of those of training rows that occur "
        "in the synthetic rows, beyond those of holdout rows; where next to none are of these, "
        "beyond what as many fresh rows would have. Beside it: all categories of few rows.",
        "0. Fresh real rows repeat hardly any.",
        "A rare category may be public knowledge, such as a small country.",
    ),
    "extremes": _words(
        "extremes",
        "Somebody reads the highest income or the earliest birth date of a real person.",
        "Of the largest and smallest numbers and dates that few training rows share and that lie "
        "apart from the next, the share that occurs again exactly, beyond those of the holdout "
        "rows. All are counted.",
        "0.",
        "Few values: one of four is a quarter. A value near the extreme is not counted.",
    ),
}
