"""The surnames of fourteen languages that ship with Faker, counted when they are loaded."""

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping

from rnn_tutorial.data.labeled import LabeledTexts

FAKER_VERSION = "40.54.0"


# Which of Faker's locales make up the list of each language, and how many names are in that
# list alone. A name that is in the lists of two languages has no right answer and is left out.
SURNAME_LOCALES = {
    "Croatian": ("hr_HR",),
    "Dutch": ("nl_NL",),
    "English": ("en_US", "en_GB"),
    "Estonian": ("et_EE",),
    "Finnish": ("fi_FI",),
    "French": ("fr_FR", "fr_BE"),
    "German": ("de_DE", "de_AT"),
    "Irish": ("ga_IE",),
    "Italian": ("it_IT",),
    "Polish": ("pl_PL",),
    "Slovak": ("sk_SK",),
    "Spanish": ("es_ES", "es_MX"),
    "Swedish": ("sv_SE",),
    "Zulu": ("zu_ZA",),
}


SURNAME_COUNTS = {
    "Croatian": 786,
    "Dutch": 1000,
    "English": 834,
    "Estonian": 463,
    "Finnish": 371,
    "French": 657,
    "German": 1167,
    "Irish": 2377,
    "Italian": 1143,
    "Polish": 3582,
    "Slovak": 1736,
    "Spanish": 1210,
    "Swedish": 430,
    "Zulu": 784,
}


def surnames() -> LabeledTexts:
    """Load Faker's surnames: 16,540 names, 14 languages, 114 different characters.

    The label is the *language of the list* that a name was found in. It says nothing about a
    person who bears the name. Names that are in the lists of two languages are left out.

    Returns
    -------
    LabeledTexts
        Sorted by class, then by name.

    Raises
    ------
    ImportError
        If Faker is not installed.
    RuntimeError
        If the lists are not those of the pinned release; they change between releases.
    """
    lists = {language: _surname_list(locales) for language, locales in SURNAME_LOCALES.items()}
    number_of_lists = Counter(name for names in lists.values() for name in names)
    unique = {
        language: sorted(name for name in names if number_of_lists[name] == 1)
        for language, names in lists.items()
    }
    _check_surname_counts({language: len(names) for language, names in unique.items()})
    return LabeledTexts(
        texts=tuple(name for names in unique.values() for name in names),
        labels=tuple(label for label, names in enumerate(unique.values()) for _ in names),
        classes=tuple(unique),
    )


def _surname_list(locales: Iterable[str]) -> set[str]:
    names = set()
    for locale in locales:
        try:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError as error:
            raise ImportError(
                'the surnames come with Faker, which the extra "data" of rnn-tutorial installs: '
                f"pip install Faker=={FAKER_VERSION}"
            ) from error
        attribute = "unisex_last_names" if locale == "pl_PL" else "last_names"
        names.update(getattr(provider, attribute, ()))
    return names


def _check_surname_counts(counts: Mapping[str, int]) -> None:
    different = {
        language: (counts[language], expected)
        for language, expected in SURNAME_COUNTS.items()
        if counts[language] != expected
    }
    if different:
        found = "; ".join(f"{name}: {n} instead of {m}" for name, (n, m) in different.items())
        raise RuntimeError(
            f"Faker's surname lists are not those of Faker=={FAKER_VERSION} ({found}). "
            f"Install that release: pip install Faker=={FAKER_VERSION}"
        )
