#!/usr/bin/env python3
"""Makes misspelt.tsv: 250 titles and 250 skills, each with one word misspelt.

    python3 misspell.py ONET_FOLDER SKILLS_TSV > misspelt.tsv

Titles are O*NET's alternate titles (CC BY 4.0, USDOL/ETA), skills the names of
the dictionary. One word of at least five letters gets one slip of a kind people
make: two letters swapped, one dropped, one doubled, a neighbour's key hit, a
wrong vowel. The first letter stays, as in nearly all slips.
"""
import random
import re
import sys

KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
NEIGHBOURS = {
    key: [row[at + step] for step in (-1, 1) if 0 <= at + step < len(row)]
    for row in KEYS for at, key in enumerate(row)
}
VOWELS = "aeiou"


def swapped(word, rng):
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def dropped(word, rng):
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1:]


def doubled(word, rng):
    at = rng.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def neighbour(word, rng):
    at = rng.randrange(1, len(word))
    return word[:at] + rng.choice(NEIGHBOURS[word[at]]) + word[at + 1:]


def vowel(word, rng):
    places = [at for at in range(1, len(word)) if word[at] in VOWELS]
    if not places:
        return word
    at = rng.choice(places)
    return word[:at] + rng.choice([v for v in VOWELS if v != word[at]]) + word[at + 1:]


SLIPS = [swapped, dropped, doubled, neighbour, vowel]


def misspelt(term, rng):
    words = term.lower().split()
    places = [at for at, word in enumerate(words) if re.fullmatch("[a-z]{5,}", word)]
    at = rng.choice(places)
    wrong = words[at]
    while wrong == words[at]:
        wrong = rng.choice(SLIPS)(words[at], rng)
    right = words[at]
    words[at] = wrong
    return " ".join(words), wrong, right


def usable(term):
    words = term.lower().split()
    plain = re.fullmatch("[A-Za-z ]+", term) and 1 <= len(words) <= 3
    return plain and any(len(word) >= 5 for word in words)


def main():
    rng = random.Random(2026)
    with open(sys.argv[1] + "/Alternate Titles.txt", encoding="utf-8") as file:
        titles = sorted({line.split("\t")[1].strip() for line in list(file)[1:]})
    with open(sys.argv[2], encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    skills = sorted({row[1] for row in rows if len(row) > 3 and row[0] != "0"})
    print("# Made by misspell.py from O*NET 29.2 (CC BY 4.0, USDOL/ETA) and the skill dictionary.")
    print("# what, term, misspelt query, misspelt word, right word")
    for what, terms in [("title", titles), ("skill", skills)]:
        chosen = rng.sample([term for term in terms if usable(term)], 250)
        for term in chosen:
            query, wrong, right = misspelt(term, rng)
            print("\t".join([what, term, query, wrong, right]))


main()
