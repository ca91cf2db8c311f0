"""What each attack is called, who the attacker is, and how to read what comes out."""

from core.evaluation.bounds import ATTACK_BOUNDS
from core.evaluation.words import Words

ATTACK_WORDS: dict[str, Words] = {
    name: Words(one.title, one.help, "") for name, one in ATTACK_BOUNDS.items()
}
