"""Which sex a word or code of a gender column stands for, so that made-up first names fit it."""

import numpy as np
import numpy.typing as npt
import pandas as pd

FEMALE, MALE = "female", "male"

_FEMALE_WORDS = (
    "f female woman girl w weiblich frau femme féminin feminin mujer femenino femenina femmina "
    "femminile donna feminino feminina mulher vrouw vrouwelijk v kvinna kvinde kvinne kobieta "
    "kobiecy žena ženský nő kadın kadin nainen ж женский женщина жінка 女 女性 여 여성 여자 "
    "she mrs ms miss mme madame mlle sra señora signora mevrouw fru"
)
_MALE_WORDS = (
    "m male man boy männlich maennlich mann herr homme masculin hombre masculino maschio maschile "
    "uomo homem mannelijk mand mężczyzna męski muž mužský férfi erkek mies м мужской мужчина "
    "чоловік 男 男性 남 남성 남자 he mr monsieur sr señor signor meneer herr"
)
_FEMALE, _MALE = frozenset(_FEMALE_WORDS.split()), frozenset(_MALE_WORDS.split())
_SPANISH = frozenset({"h", "hombre"})


def sexes_of(values: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """For each value ``female`` or ``male``; "" for what is neither or not known.

    Where ``h`` stands beside ``m``, as in Spanish, they are *hombre* and *mujer*.
    """
    words = pd.Series(values, dtype=object).astype(str).str.strip().str.rstrip(".").str.casefold()
    known = set(words.unique())
    female, male = _FEMALE, _MALE
    if "h" in known and "m" in known and "f" not in known:
        female, male = _FEMALE | {"m"}, (_MALE - {"m"}) | _SPANISH
    found = np.where(words.isin(female), FEMALE, np.where(words.isin(male), MALE, ""))
    return np.asarray(found, dtype=object)
