"""Rules as YAML: ``rules:``, below it each table with a list of its rules."""

from collections.abc import Mapping, Sequence

from core.data.yaml_text import read_yaml, write_yaml
from core.errors import InvalidInput
from core.synthesis.asks import Rule, rules_from_dict, rules_to_dict


def rules_yaml(rules: Mapping[str, Sequence[Rule]]) -> str:
    """Rules as YAML."""
    return write_yaml({"rules": rules_to_dict(rules)})


def read_rules_yaml(text: str) -> dict[str, tuple[Rule, ...]]:
    """The inverse of :func:`rules_yaml`; raises ``InvalidInput`` with every problem."""
    data = read_yaml(text)
    own = data.get("rules")
    if set(data) != {"rules"} or not isinstance(own, dict | None):
        raise InvalidInput("The text must begin with `rules:`, and below it name tables.")
    read = rules_from_dict({str(name): value or [] for name, value in (own or {}).items()})
    return {name: rules for name, rules in read.items() if rules}
