"""Names of six invented languages: what students train on, and what only the grader holds.

Lists of real names are public, so a model of real names could be a list. These languages follow
from the secret seed and stand nowhere else. A name is a row of syllables and an ending:

- three sound laws say which consonant follows which vowel; two languages share each law;
- every name has one vowel of each of two marked sets. In the first language of a law the one set
  comes first, in the second the other, with other syllables before, between and after;
- endings are the same in all languages, and a family's names differ by them alone.

So counts of letters tell little, pairs of letters tell the law, and the order of the marked vowels
must be kept in memory. Languages are not equally large.
"""

import csv
import random
import runpy
import string
from pathlib import Path

LANGUAGES = ("Arvan", "Belic", "Corish", "Dunmar", "Estal", "Fennic")
FAMILIES = (400, 130, 300, 100, 200, 70)  # of the students' names, in an order that is secret too
HELD_OUT = 150  # families of each language that only the grader holds


class World:
    """The languages of one seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        symbols = self.random.sample(string.ascii_lowercase, 24)
        self.marked, self.plain = (symbols[:3], symbols[3:6]), symbols[6:9]
        self.consonants = symbols[9:21]
        one, two, three = symbols[21:]
        self.endings = ("", one, two + self.plain[0], three + self.plain[1] + one)
        self.languages = self.random.sample(LANGUAGES, len(LANGUAGES))
        weights = [2.0**-i for i in range(12)]
        before = ["", *symbols[:9]]
        self.laws = []
        for _ in range(3):
            turns = self.random.sample(range(12), len(before))
            law = {vowel: weights[k:] + weights[:k] for vowel, k in zip(before, turns, strict=True)}
            self.laws.append(law)

    def root(self, number: int) -> str:
        """Draw the part of a name that its family shares."""
        law, turned = self.laws[number // 2], number % 2 == 1
        first, second = self.marked[::-1] if turned else self.marked
        choose = self.random.choice
        vowels = [choose(self.plain) for _ in range(choose((1, 1, 2)))]
        vowels += [choose(first)]
        vowels += [choose(self.plain) for _ in range(choose((1, 1, 2, 2)))]
        vowels += [choose(second)]
        vowels += [choose(self.plain) for _ in range(choose((1, 2, 2)))]
        root, before = "", ""
        for vowel in vowels:
            root += self.random.choices(self.consonants, law[before])[0] + vowel
            before = vowel
        return root

    def names(self) -> tuple[list[tuple[str, str, int]], list[tuple[str, str]]]:
        """Return the students' rows (name, language, family), and the grader's (name, language)."""
        seen, known, held_out = set(), [], []
        families = list(range(sum(FAMILIES)))
        self.random.shuffle(families)
        for number, count in enumerate(FAMILIES):
            for i in range(count + HELD_OUT):
                root = self.root(number)
                while root in seen:
                    root = self.root(number)
                seen.add(root)
                if i >= count:
                    name = root + self.random.choice(self.endings)
                    held_out.append((name, self.languages[number]))
                    continue
                family = families.pop()
                for ending in self.random.sample(self.endings, self.random.choice((1, 2, 3, 4))):
                    known.append((root + ending, self.languages[number], family))
        self.random.shuffle(known)
        self.random.shuffle(held_out)
        return known, held_out


def write(student: Path, grader: Path, private: Path) -> None:
    """Write names.csv for students and held_out.csv for the grader."""
    seed = runpy.run_path(str(private / "secret.py"))["SEED"]
    known, held_out = World(seed).names()
    _write(student / "names.csv", ("name", "language", "family"), known)
    _write(grader / "held_out.csv", ("name", "language"), held_out)


def _write(path: Path, head: tuple[str, ...], rows: list[tuple]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
