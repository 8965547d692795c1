#!/usr/bin/env python3
"""Makes industry_words.tsv from the O*NET tables: which words of a person's work
speak for which field.

    python3 industry.py ONET_FOLDER

Standard library alone. The same inputs give the same bytes. An occupation's words
are those of its titles, its description and its tasks; its field is that of its
group in the standard classification of occupations, below. A word's weight for a
field is the logarithm of how much commoner it is among the field's occupations
than among the others, less where few say it, in halves; weak ones are left out.
"""
import collections
import math
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Groups of occupations, the longest that fits; groups in no line are of no field.
GROUPS = {
    "consulting": "13-1111",
    "construction": "47 11-9021",
    "education": "25 11-9033 11-9032",
    "energy": "47-5 51-8",
    "engineering": "17",
    "finance": "13-2 11-3031 43-3 43-4041 43-4131 41-3021 41-3031",
    "government": "33",
    "healthcare": "29 31 43-6013 11-9111",
    "hospitality": "35 11-9051",
    "legal": "23 43-6012",
    "manufacturing": "51 11-3051",
    "marketing": "11-201 11-202 11-203 13-1161 27-3031",
    "media": "27 27-1",
    "nonprofit": "21",
    "other": "45 37 39",
    "realestate": "41-9 11-9141",
    "retail": "41-1 41-2",
    "sales": "41 41-3 41-4 11-2022",
    "technology": "15 11-3021",
    "transport": "53 43-5 49-3",
}
FIELD_OF = {group: field for field, groups in GROUPS.items() for group in groups.split()}
TABLES = (
    ("Occupation Data.txt", ("Title", "Description")),
    ("Task Statements.txt", ("Task",)),
    ("Alternate Titles.txt", ("Alternate Title",)),
)
OCCUPATIONS_MIN = 8  # Words of fewer occupations are left out.
WEIGHT_MIN = 0.7
WORD = re.compile(r"[a-z][a-z&]{2,}")


def field_of(code):
    return next((FIELD_OF[code[:n]] for n in range(7, 1, -1) if code[:n] in FIELD_OF), None)


def occupations(folder):
    texts = collections.defaultdict(list)
    for name, columns in TABLES:
        lines = (folder / name).read_text("utf-8-sig").splitlines()
        head = lines[0].split("\t")
        for line in lines[1:]:
            row = dict(zip(head, line.split("\t")))
            texts[row["O*NET-SOC Code"]] += [row[column] for column in columns]
    for code, parts in sorted(texts.items()):
        field = field_of(code)
        if field:
            yield field, set(WORD.findall(" ".join(parts).lower()))


def weights(folder):
    count, said, of_field = collections.Counter(), collections.Counter(), collections.Counter()
    for field, words in occupations(folder):
        count[field] += 1
        for word in words:
            said[word] += 1
            of_field[word, field] += 1
    whole = sum(count.values())
    found = collections.defaultdict(list)
    for (word, field), number in sorted(of_field.items()):
        if said[word] < OCCUPATIONS_MIN:
            continue
        here = (number + 0.5) / (count[field] + 1)
        elsewhere = (said[word] - number + 0.5) / (whole - count[field] + 1)
        weight = math.log(here / elsewhere) * number / (number + 4)
        if weight > WEIGHT_MIN:
            found[word].append((field, max(1, round(2 * weight))))
    return found


def main():
    lines = [
        "# Words of occupations and how much they speak for a field. Made by industry.py\n",
        "# from O*NET 29.2 (CC BY 4.0, U.S. Department of Labor); do not edit.\n",
    ]
    for word, fields in sorted(weights(Path(sys.argv[1])).items()):
        lines.append(word + "\t" + "|".join(f"{field} {weight}" for field, weight in fields) + "\n")
    (HERE / "industry_words.tsv").write_text("".join(lines), "utf-8")
    print(f"{len(lines) - 2} words")


if __name__ == "__main__":
    main()
