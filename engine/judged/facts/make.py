#!/usr/bin/env python3
"""Makes ads.ndjson and cvs.ndjson from the annotators' files.

    make.py DATA LABELS [LABELS …]

LABELS is a folder with ads.json and cvs.json (lists of {id, source}; the place in
the list is the document's number) and out/adNNN.txt, out/cvNNN.txt (a label a line:
field, value, quote, and which occurrence of the quote is meant, between tabs).
Documents of the first folder are tuned on or held back by turns, those of the others
are tuned on; they are numbered on. DATA is the shared data folder. The files written hold no text of the documents beyond the
values: a quote becomes the bytes it stands at in the document's title or text.
"""
import json
import pathlib
import subprocess
import sys

SETS = {
    "ads": ("ad", "jobs_structured", "title", "description"),
    "cvs": ("cv", "resumes_livecareer", "headline", "text"),
}
HERE = pathlib.Path(__file__).parent


def rows(data, name):
    packed = subprocess.run(
        ["zstd", "-dc", str(data / f"{name}.ndjson.zst")], check=True, capture_output=True
    )
    return [json.loads(line) for line in packed.stdout.decode("utf-8").split("\n") if line]


def label(line, title, text):
    """A label with the bytes of its quote, or what is wrong with it."""
    columns = line.rstrip("\r").split("\t")
    if len(columns) not in (3, 4):
        return "needs 3 or 4 columns"
    field, value, quote = columns[:3]
    made = {"field": field, "value": value}
    if quote == "-":
        return made
    occurrence = int(columns[3]) if len(columns) > 3 and columns[3].strip() else 1
    # What the annotators saw: the title, then the text without blanks around it.
    kept = text.strip()
    before = len(text) - len(text.lstrip())
    whole = title + "\n" + kept
    at = -1
    for _ in range(occurrence):
        at = whole.find(quote, at + 1 if at < 0 else at + len(quote))
        if at < 0:
            return "quote not found"
    if at + len(quote) <= len(title):
        part, source = "title", title
    elif at > len(title):
        part, source = "text", text
        at += before - len(title) - 1
    else:
        return "quote over the end of the title"
    assert source[at : at + len(quote)] == quote
    made["in"] = part
    made["start"] = len(source[:at].encode())
    made["end"] = made["start"] + len(quote.encode())
    return made


def listed(folders, name):
    """The documents of all folders: which folder, their number in it, it, and what it says."""
    for at, folder in enumerate(folders):
        for number, one in enumerate(json.load(open(folder / f"{name}.json"))):
            yield at, number, folder, one


def main():
    data, *folders = (pathlib.Path(folder) for folder in sys.argv[1:])
    for name, (prefix, set_, title, text) in SETS.items():
        found = {}
        for row in rows(data, set_):
            found.setdefault((row["source"], row["id"]), []).append(row)
        lines, faults, absent = [], 0, 0
        for count, (at_folder, number, labels, one) in enumerate(listed(folders, name)):
            twins = found[(one["source"], one["id"])]
            assert len({(row[title], row[text]) for row in twins}) == 1, "an id of two texts"
            row = twins[0]
            path = labels / "out" / f"{prefix}{number:03}.txt"
            if not path.exists():
                absent += 1
                continue
            made = []
            for at, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                if not line.strip():
                    continue
                one_label = label(line, row[title], row[text])
                if isinstance(one_label, str):
                    faults += 1
                    print(f"{path.name}, line {at}: {one_label}", file=sys.stderr)
                else:
                    made.append(one_label)
            document = {
                "set": set_,
                "source": row["source"],
                "id": row["id"],
                "number": count,
                "split": "held" if at_folder == 0 and number % 2 else "tune",
                "labels": made,
            }
            lines.append(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
        (HERE / f"{name}.ndjson").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        print(f"{name}: {len(lines)} documents, {absent} not labelled yet, {faults} labels refused")


if __name__ == "__main__":
    main()
