"""Which country's names, streets and numbers would fit a table: a guess from the data itself.

Votes come from IBAN countries, dialling codes, e-mail and web domains, and the script that text is
written in. The guess is a Faker locale and holds for the whole table.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

import pandas as pd

from core.data.schema import ColumnType, Table

DEFAULT = "en_US"
_BY_COUNTRY = {
    "AT": "de_AT", "BE": "nl_BE", "BG": "bg_BG", "BR": "pt_BR", "CH": "de_CH", "CN": "zh_CN",
    "CZ": "cs_CZ", "DE": "de_DE", "DK": "da_DK", "EE": "et_EE", "ES": "es_ES", "FI": "fi_FI",
    "FR": "fr_FR", "GB": "en_GB", "GR": "el_GR", "HR": "hr_HR", "HU": "hu_HU", "IE": "en_IE",
    "IL": "he_IL", "IN": "en_IN", "IT": "it_IT", "JP": "ja_JP", "KR": "ko_KR", "LT": "lt_LT",
    "LV": "lv_LV", "MX": "es_MX", "NL": "nl_NL", "NO": "no_NO", "PL": "pl_PL", "PT": "pt_PT",
    "RO": "ro_RO", "RU": "ru_RU", "SE": "sv_SE", "SI": "sl_SI", "SK": "sk_SK", "TR": "tr_TR",
    "UA": "uk_UA", "US": "en_US",
}  # fmt: skip
_DIALLING = {
    "1": "US", "7": "RU", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU",
    "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO",
    "48": "PL", "49": "DE", "52": "MX", "55": "BR", "81": "JP", "82": "KR", "86": "CN", "90": "TR",
    "91": "IN", "351": "PT", "353": "IE", "358": "FI", "359": "BG", "370": "LT", "371": "LV",
    "372": "EE", "380": "UA", "385": "HR", "386": "SI", "420": "CZ", "421": "SK", "972": "IL",
}  # fmt: skip
_SCRIPTS = {
    "HIRAGANA": "JP", "KATAKANA": "JP", "HANGUL": "KR", "CJK": "CN", "CYRILLIC": "RU",
    "GREEK": "GR", "HEBREW": "IL",
}  # fmt: skip
_LOOKED_AT = 200


def guess_locale(frame: pd.DataFrame, table: Table) -> str:
    """The Faker locale with most votes among the table's columns, ``en_US`` without any."""
    votes: defaultdict[str, float] = defaultdict(float)
    for column in table.columns:
        if column.type not in {ColumnType.CATEGORY, ColumnType.TEXT}:
            continue
        some = frame[column.name].dropna().head(_LOOKED_AT)
        countries = [c for v in some for c in _countries(str(v), column.semantic)]
        for country, count in Counter(countries).items():
            votes[country] += count / max(len(some), 1)
    known = [(share, country) for country, share in votes.items() if country in _BY_COUNTRY]
    return _BY_COUNTRY[max(known)[1]] if known else DEFAULT


def _countries(value: str, semantic: str | None) -> Iterable[str]:
    """Countries that one value speaks for."""
    if semantic == "iban":
        yield value.strip()[:2].upper()
    if semantic == "phone" and (code := dialling_code(value)):
        yield _DIALLING[code]
    if semantic in {"email", "url"}:
        domain = re.search(r"\.([a-z]{2})(?:/|$)", value.lower())
        if domain and domain[1].upper() in _BY_COUNTRY:
            yield domain[1].upper()
    if not value.isascii():
        script = next((s for c in value if (s := _script(c)) in _SCRIPTS), "")
        if script:
            yield _SCRIPTS[script]


def dialling_code(phone: str) -> str:
    """The country code of an international number that is known here, without its ``+``."""
    match = re.match(r"\s*(?:\+|00)\s*(\d{1,3})", phone)
    if not match:
        return ""
    digits = match[1]
    return next((digits[:n] for n in (3, 2, 1) if digits[:n] in _DIALLING), "")


def _script(char: str) -> str:
    return "" if char.isascii() else unicodedata.name(char, "").split(" ")[0]
