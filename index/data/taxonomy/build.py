#!/usr/bin/env python3
"""Makes occupations.tsv.zst and siblings.tsv from the O*NET tables.

    python3 build.py ONET_FOLDER [--show]

Standard library and the `zstd` command. The same inputs give the same bytes.
Formats: index/src/taxonomy/data.rs and links.rs.
"""
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "skills"))
import build as skills  # noqa: E402  (its folding, so that names meet)

# Where O*NET asked nobody: what its job zone says is usual.
ZONE_EDUCATION = {"1": 2, "2": 2, "3": 5, "4": 6, "5": 8}
RELATED_MAX = 10  # O*NET's primary tiers.
EXAMPLE_SHARE_MAX = 0.06  # Used in more of the occupations than this, a tool says nothing of its neighbours.
SIBLINGS_MAX = 6
CO_USE_MIN = 4
# Commodity titles that hold everything: siblings there have nothing in common.
WIDE = {"Analytical or scientific software", "Data base user interface and query software",
        "Development environment software", "Object or component oriented development software",
        "Industrial control software", "Information retrieval or search software", "Office suite software",
        "Web platform development software", "Medical software", "Computer based training software",
        "Operating system software", "Internet directory services software", "Graphics or photo imaging software"}


def table(folder, name):
    lines = (folder / name).read_text("utf-8-sig").splitlines()
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"))) for line in lines[1:]]


def spellings(title, short):
    """`IT Manager (Information Technology Manager)` is two titles."""
    found = []
    match = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", title)
    parts = [match.group(1), match.group(2)] if match else [title]
    for part in parts + ([short] if short not in ("", "n/a") else []):
        part = re.sub(r"\s+", " ", part.replace("|", " ")).strip()
        # What stands in brackets may be a remark: one small word is no title.
        if part and part not in found and not (part.islower() and " " not in part):
            found.append(part)
    return found


def titles(folder):
    """Title -> {code: weight}; what workers report weighs more."""
    found = defaultdict(Counter)
    for row in table(folder, "Alternate Titles.txt"):
        for name in spellings(row["Alternate Title"], row["Short Title"]):
            found[name][row["O*NET-SOC Code"]] += 2 + row["Source(s)"].count(",")
    for row in table(folder, "Sample of Reported Titles.txt"):
        for name in spellings(row["Reported Job Title"], "n/a"):
            found[name][row["O*NET-SOC Code"]] += 4 + 2 * (row["Shown in My Next Move"] == "Y")
    return found


def education(folder):
    """The level most workers or analysts name: 1 (none) to 12 (post-doctoral)."""
    best = {}
    for row in table(folder, "Education, Training, and Experience.txt"):
        if row["Element ID"] == "2.D.1" and row["Scale ID"] == "RL":
            held = best.get(row["O*NET-SOC Code"], (0.0, 0))
            best[row["O*NET-SOC Code"]] = max(held, (float(row["Data Value"]), int(row["Category"])))
    return {code: level for code, (share, level) in best.items() if share > 0}


def occupations(folder):
    rows = table(folder, "Occupation Data.txt")
    number = {row["O*NET-SOC Code"]: at for at, row in enumerate(rows)}
    zones = {row["O*NET-SOC Code"]: row["Job Zone"] for row in table(folder, "Job Zones.txt")}
    levels = education(folder)
    related = defaultdict(list)
    for row in table(folder, "Related Occupations.txt"):
        if row["Relatedness Tier"].startswith("Primary"):
            related[row["O*NET-SOC Code"]].append((int(row["Index"]), number[row["Related O*NET-SOC Code"]]))
    lines = []
    for line in (HERE / "groups.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            lines.append("G\t" + line)
    for row in rows:
        code = row["O*NET-SOC Code"]
        near = " ".join(str(other) for _, other in sorted(related[code])[:RELATED_MAX])
        lines.append("\t".join(["O", code, row["Title"], zones.get(code, ""), str(levels.get(code) or ZONE_EDUCATION.get(zones.get(code), "")), near]))
    for title, codes in sorted(titles(folder).items()):
        ranked = sorted(codes, key=lambda code: (-codes[code], code))
        lines.append("\t".join(["T", title, " ".join(f"{number[c]}:{codes[c]}" for c in ranked)]))
    return lines


def dictionary():
    """Folded spelling -> number of the skill."""
    owner = {}
    for line in skills.OUT.read_text("utf-8").splitlines():
        if line.startswith("#") or line.startswith("0\t"):
            continue
        number, name, category, aliases, _ = line.split("\t")
        for alias in [name] + aliases.split("|"):
            if alias:
                owner.setdefault(skills.fold(skills.bare(alias)), (int(number), name, category))
    return owner


def siblings(folder):
    """Skills of one narrow commodity that the same occupations use."""
    owner = dictionary()
    users, kinds = defaultdict(set), defaultdict(set)
    rows = table(folder, "Technology Skills.txt")
    vendors = skills.vendor_names(Counter(row["Example"] for row in rows), skills.plain_words(folder))
    for row in rows:
        names = skills.variants(row["Example"], vendors)
        held = next((owner[skills.fold(n)] for n in names if skills.fold(n) in owner), None)
        if held and held[2] in ("tool", "technical"):
            users[held].add(row["O*NET-SOC Code"])
            kinds[held].add(row["Commodity Title"])
    every = len({row["O*NET-SOC Code"] for row in rows})
    usual = {skill for skill in users if len(users[skill]) <= every * EXAMPLE_SHARE_MAX}
    by_kind = defaultdict(list)
    for skill in usual:
        for kind in kinds[skill] - WIDE:
            by_kind[kind].append(skill)
    near = defaultdict(dict)
    for kind, members in by_kind.items():
        for left in members:
            for right in members:
                both = len(users[left] & users[right])
                if left != right and both >= CO_USE_MIN:
                    share = both / (len(users[left]) * len(users[right])) ** 0.5
                    near[left][right] = max(near[left].get(right, 0), share)
    lines = ["# Made by build.py from O*NET 29.2 (CC BY 4.0, USDOL/ETA): skill, skills of its kind that the same occupations use."]
    for skill in sorted(near, key=lambda s: s[1]):
        best = sorted(near[skill], key=lambda other: (-near[skill][other], other[1]))[:SIBLINGS_MAX]
        best = [other[1] for other in best if near[skill][other] >= 0.4]
        if best:
            lines.append(skill[1] + "\t" + "|".join(best))
    return lines


def main():
    folder = Path(sys.argv[1])
    lines = occupations(folder)
    text = "\n".join(lines) + "\n"
    packed = subprocess.run(["zstd", "-19", "-c", "-q", "--no-check"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    (HERE / "occupations.tsv.zst").write_bytes(packed.stdout)
    near = siblings(folder)
    (HERE / "siblings.tsv").write_text("\n".join(near) + "\n", "utf-8")
    kinds = Counter(line[0] for line in lines)
    print(dict(kinds), len(packed.stdout), "bytes packed,", len(text), "unpacked;", len(near) - 1, "skills with siblings")
    if "--show" in sys.argv:
        print(text)


if __name__ == "__main__":
    main()
