#!/usr/bin/env python3
"""Makes skills.tsv from the O*NET tables and the hand-written supplement.

    python3 build.py ONET_FOLDER

Standard library only. Numbers of skills already in skills.tsv are kept, a new
skill takes the next free one, and a number is never used twice.
"""
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "skills.tsv"
SUPPLEMENT = ["technical", "tools", "business", "services", "trades", "general", "fields"]
MARKS = "=?!"
WORDS_MAX = 7  # Longer names are never written out in running text.

# Words that end an O*NET name without being part of what people write.
GENERIC_TAIL = re.compile(r"\s+(software|systems?|programs?|applications?|tools?|databases?|package|suite)$", re.I)
ACRONYM_TAIL = re.compile(r"^(.+?)\s+\(?([A-Z][A-Z0-9/&.-]{1,7})\)?$")
# Forms the analyser keeps whole although they hold a sign.
GLUED = r"\b(?:tcp/ip|pl/sql|a/b|i/o|a/p|a/r|p/l|s/4hana|s/4|r/3|z/os|os/2|[a-z]&[a-z]{1,2})\b"
# Examples that pass every rule and are still no skill, or read as plain words.
DROP_FILE = HERE / "drop.txt"


def fold(text):
    """About what the analyser does: case, accents and punctuation away."""
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=\w)['’](?:s|re|ll|ve|d|m)\b", "", text)
    text = re.sub(r"\b(?:l|d|s|qu)['’](?=\w)|(?<=\w)['’](?=\w)", "", text)
    text = re.sub(r"\b[a-z](?:\.[a-z])+\b", lambda m: m.group().replace(".", ""), text)
    text = re.sub(r"\be-(?=[a-z]{3})", "e", text)
    return " ".join(re.findall(GLUED + r"|\w+\.js\b|(?:asp|vb)\.net\b|\.net\b|[a-z0-9]+(?:\+\+|#)?|[^\W_]+", text))


def bare(alias):
    return alias.lstrip(MARKS)


def expand(alias):
    """`review(s)` is `review` and `reviews`; other brackets are notes."""
    match = re.search(r"(?<=\w)\((s|es)\)", alias)
    if match:
        without = alias[: match.start()] + alias[match.end() :]
        with_it = alias[: match.start()] + match.group(1) + alias[match.end() :]
        return expand(without) + expand(with_it)
    plain = re.sub(r"\s+", " ", re.sub(r"\([^)]*\)", " ", alias)).strip()
    return [plain] if bare(plain) else []


class Book:
    """Skills by name, and who owns which folded spelling."""

    def __init__(self):
        self.skills = {}  # name -> {category, aliases: {folded: written}, flags}
        self.owner = {}  # folded -> name
        self.decoys = {}
        self.lost = []

    def add(self, name, category, aliases, flags=()):
        skill = self.skills.setdefault(name, {"category": category, "aliases": {}, "flags": set()})
        skill["flags"].update(flags)
        for alias in aliases:
            self.alias(name, alias)

    def alias(self, name, alias):
        key = fold(bare(alias))
        if not key:
            self.lost.append((name, alias, "no word"))
            return
        holder = self.owner.setdefault(key, name)
        if holder != name:
            self.lost.append((name, alias, holder))
            return
        held = self.skills[name]["aliases"]
        # A marked spelling replaces the plain one: the rule is the point.
        if key not in held or (alias[0] in MARKS and held[key][0] not in MARKS):
            held[key] = alias
        elif held[key] != alias and alias[0] in MARKS:
            held[key + "\0" + alias] = alias


def read_supplement(book):
    rows, category = [], None
    for stem in SUPPLEMENT:
        for line in (HERE / "supplement" / f"{stem}.txt").read_text("utf-8").splitlines():
            if line.startswith("["):
                category = line[1 : line.index("]")]
            elif line.startswith("-|"):
                for phrase in line.split("|")[1:]:
                    book.decoys[fold(phrase)] = phrase
            elif line and not line.startswith("#"):
                parts = [e for part in line.split("|") for e in expand(part.strip())]
                rows.append((parts[0], category, parts))
    for name, category, _ in rows:  # Names first: a name beats an alias.
        book.owner.setdefault(fold(name), name)
    for name, category, parts in rows:
        book.add(name, category, parts, ["supplement"])


def table(folder, name):
    lines = (folder / name).read_text("utf-8-sig").splitlines()
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"))) for line in lines[1:]]


def plain_words(folder):
    """Words O*NET itself uses in prose: a product of such words is no name."""
    words = set()
    for name in ["Task Statements.txt", "Emerging Tasks.txt", "Occupation Data.txt", "Content Model Reference.txt",
                 "Alternate Titles.txt", "Level Scale Anchors.txt", "Work Styles.txt"]:
        text = (folder / name).read_text("utf-8-sig")
        words.update(re.findall(r"\b[a-z]+\b", text.lower() if name == "Alternate Titles.txt" else text))
    for row in table(folder, "Technology Skills.txt"):
        words.update(re.findall(r"\b[a-z]+\b", row["Commodity Title"].lower()))
        words.update(re.findall(r"(?<=\s)[a-z]+\b", row["Example"]))
    return words


def variants(example, vendors):
    """Spellings of an O*NET example, the full one first."""
    found = [re.sub(r"\s*\([^)]*\)", "", example).strip()]
    todo = list(found)
    while todo:
        text = todo.pop()
        cut = [GENERIC_TAIL.sub("", text)]
        acronym = ACRONYM_TAIL.match(text)
        if acronym:
            cut += [acronym.group(1), acronym.group(2)]
        for size in (3, 2, 1):
            words = text.split()
            if len(words) > size and " ".join(words[:size]) in vendors:
                cut.append(" ".join(words[size:]))
        for piece in cut:
            if piece and piece not in found:
                found.append(piece)
                todo.append(piece)
    return found


def dropped_names():
    lines = DROP_FILE.read_text("utf-8").splitlines()
    return {fold(line) for line in lines if line and not line.startswith("#")}


def vendor_names(examples, plain):
    """First words (one to three) that begin several products."""
    starts = Counter()
    for example in examples:
        words = example.split()
        for size in (1, 2, 3):
            if len(words) > size:
                starts[" ".join(words[:size])] += 1
    return {s for s, n in starts.items()
            if n >= 4 and any(w.lower() not in plain for w in s.split()) and s.split()[-1][0].isupper()}


def is_name(text, plain, dropped):
    words = re.findall(r"[A-Za-z0-9+#.&'-]+", text)
    if not words or len(words) > WORDS_MAX or fold(text) in dropped:
        return False
    odd = [w for w in words if not all(p in plain or p.isdigit() for p in re.findall(r"[a-z]+|\d+", w.lower()))]
    if not odd:
        return False
    if len(words) == 1:
        word = words[0]
        return len(word) >= 5 or (len(word) >= 4 and not word.islower())
    # "Accounting software", "Two-dimensional CAD programs": a kind, not a name.
    return any(w[0].isupper() or w[0].isdigit() for w in words[1:]) or words[0].lower() not in plain


def single(name, marks):
    """One word of a longer name is often a word of its own (`Falcon`, `Sunrise`);
    inner capitals and digits (`PowerWorld`, `Geant4`) make it unmistakable."""
    return ("=" if re.search(r"[a-z][A-Z]|[A-Za-z]\d", name) else marks) + name


def add_onet(book, folder):
    plain = plain_words(folder)
    dropped = dropped_names()
    rows = table(folder, "Technology Skills.txt")
    count = Counter(row["Example"] for row in rows)
    marks = {}
    for row in rows:
        flags = marks.setdefault(row["Example"], set())
        flags.update({"hot"} if row["Hot Technology"] == "Y" else ())
        flags.update({"demand"} if row["In Demand"] == "Y" else ())
    vendors = vendor_names(count, plain)
    for example in sorted(count, key=lambda e: (-count[e], e)):
        names = variants(example, vendors)
        holder = next((book.owner[fold(n)] for n in names if fold(n) in book.owner), None)
        if holder and holder in book.skills:
            book.skills[holder]["flags"].update(marks[example] | {"onet"})
            if len(names[0].split()) <= WORDS_MAX and is_name(names[0], plain, dropped):
                book.alias(holder, names[0] if len(names[0].split()) > 1 else single(names[0], "=?"))
            continue
        full = GENERIC_TAIL.sub("", names[0])
        if fold(full) in book.decoys or not is_name(full, plain, dropped):
            continue
        aliases = [full if len(full.split()) > 1 else single(full, "=?")]
        for name in names[1:]:
            # A first word alone is a vendor's name, not the product's.
            first = len(name.split()) == 1 and full.startswith(name + " ")
            if name != full and not first and is_name(name, plain, dropped) and name not in vendors:
                if len(name.split()) > 1:
                    aliases.append(name)
                elif len(name) >= 5:
                    aliases.append(single(name, "=?" if name.isupper() else "=!"))
        free = [a for a in aliases if fold(bare(a)) not in book.owner]
        if aliases[0] in free:
            book.add(full, "tool", free, marks[example] | {"onet"})


def add_content_model(book, folder):
    """O*NET's own basic skills and knowledge areas (2.A, 2.B, 2.C)."""
    for row in table(folder, "Content Model Reference.txt"):
        number, name = row["Element ID"], row["Element Name"]
        if not re.match(r"2\.[ABC]\.", number) or number.count(".") < 3 and not number.startswith("2.C"):
            continue
        holder = book.owner.get(fold(name))
        if holder:
            book.skills[holder]["flags"].add("onet")
        elif len(name.split()) > 1 and fold(name) not in dropped_names():
            book.add(name, "domain" if number.startswith("2.C") else "general", [name], ["onet"])


def held_numbers():
    numbers, following = {}, 1
    if OUT.exists():
        for line in OUT.read_text("utf-8").splitlines():
            if line.startswith("# next "):
                following = int(line.split()[2])
            elif line and not line.startswith("#") and not line.startswith("0\t"):
                number, name = line.split("\t")[:2]
                numbers[name] = int(number)
    return numbers, following


def write(book):
    numbers, following = held_numbers()
    for name in sorted(book.skills, key=lambda n: (fold(n), n)):
        if name not in numbers:
            numbers[name] = following
            following += 1
    lines = ["# Made by build.py from O*NET 29.2 (CC BY 4.0, USDOL/ETA) and the supplement; see README.md.",
             "# number, name, category, aliases, flags; marks of an alias: = case, ? context, ! near a technical skill",
             f"# next {following}"]
    decoys = sorted(p for k, p in book.decoys.items() if k not in book.owner)
    lines.append("\t".join(["0", "-", "none", "|".join(decoys), ""]))
    for name in sorted(book.skills, key=lambda n: numbers[n]):
        skill = book.skills[name]
        spellings = sorted(set(skill["aliases"].values()) - {name}, key=lambda a: (bare(a).lower(), a))
        flags = " ".join(f for f in ("onet", "hot", "demand") if f in skill["flags"])
        lines.append("\t".join([str(numbers[name]), name, skill["category"], "|".join(spellings), flags]))
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


def main():
    folder = Path(sys.argv[1])
    book = Book()
    read_supplement(book)
    add_onet(book, folder)
    add_content_model(book, folder)
    write(book)
    by = Counter(s["category"] for s in book.skills.values())
    print(f"{len(book.skills)} skills {dict(by)}, {sum(len(s['aliases']) for s in book.skills.values())} spellings, "
          f"{len(book.decoys)} decoys, {OUT.stat().st_size} bytes")
    if "--lost" in sys.argv:
        for name, alias, holder in book.lost:
            if "supplement" in book.skills.get(name, {}).get("flags", ()):
                print(f"  {name}: {alias!r} is {holder}'s")


if __name__ == "__main__":
    main()
