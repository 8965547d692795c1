#!/usr/bin/env python3
"""Makes name.tsv: weights by which a run of words that no dictionary has is taken for
the name of a skill (index/src/facts/likely.rs weighs the same).

    python3 name.py texts LABELS SETS > texts.ndjson
    cargo run -p tandem-index --example readings < texts.ndjson > readings.ndjson
    python3 name.py table readings.ndjson SETS > name.tsv

LABELS is engine/judged/facts, SETS the shared data folder, unpacked (`*.ndjson`). Learned
from the tuning half alone: a logistic regression whose features are the words by their
role, what the embedding model says of them, how often they stand in the lists of skills
of the unlabelled CVs, and where the run stands. All that is of one word is added up
into one number, so that reading is a sum. Needs numpy, scipy and scikit-learn.
"""
import bisect, collections, json, math, os, random, re, struct, sys

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = 16          # of a logit
PRUNE = 5           # words whose weights are all smaller are left out
COUNT_MIN = 30      # in the texts below
STRENGTH = .05      # of the regression, inverse
EMBEDDED = 1.5      # weight of the embedding beside the words themselves
ADS_SHARE = .15     # of the ads are counted
ROLES = "ohmbf"     # all of a name, its last word, an earlier one; before it, behind it
SIGNS = ",;\n\r•·●▪◦|/()*"
BLANK = " \t\xa0"
JOINS = (" ", "-", "", "'s ", "’s ", "‑")
LISTED = (",", "/", ";", "|", "•", "and", "or", "&", ", and", ", or")
SECTIONS = ("Open", "Required", "Preferred", "Duties", "Experience", "Skills", "Summary")
LEFT, RIGHT = ("word", "and", "sign", "dash"), ("word", "and", "sign", "dot", "colon")
ENDS = ("ing", "ment", "tion", "sis", "ity", "ance", "ics", "ology", "er", "or", "al", "ed", "ly", "ive", "s")
SETS = {"ads": ("jobs_structured", "title", "description", "ad"),
        "cvs": ("resumes_livecareer", "headline", "text", "cv")}


def labelled(folder):
    for name, parts in SETS.items():
        for line in open(os.path.join(folder, name + ".ndjson"), encoding="utf8"):
            yield parts, json.loads(line)


def texts(labels, sets):
    for parts in SETS.values():
        wanted = {(one["source"], one["id"]): one for of, one in labelled(labels)
                  if of == parts and one["split"] == "tune"}
        for line in open(os.path.join(sets, parts[0] + ".ndjson"), encoding="utf8"):
            one = json.loads(line)
            held = wanted.pop((one.get("source"), one.get("id")), None)
            if held is None:
                continue
            title, text = one.get(parts[1]) or "", one.get(parts[2]) or ""
            shift = {"title": 0, "text": len(title.encode()) + 1}
            spans = [[shift[it["in"]] + it["start"], shift[it["in"]] + it["end"]]
                     for it in held["labels"] if it["field"].startswith("skill") and "in" in it]
            print(json.dumps({"id": one["id"], "prose": parts[3], "title": title, "text": text, "labels": spans}))


# --- counts of the unlabelled texts -------------------------------------------------
HEAD = re.compile(r"^\W*((skill |core |technical |additional |professional |key |relevant |computer )?"
                  r"(skills?|highlights|qualifications|competencies|strengths|expertise)"
                  r"|summary of skills|areas of (expertise|strength)|core accomplishments and skills)\W*$", re.I)
OTHER = re.compile(r"^\W*((professional |executive |career |work |military |volunteer )?(summary|profile|experience|"
                   r"history|overview|focus|work|affiliations)|education( and training)?|certifications?|interests|"
                   r"(core )?accomplishments|awards?|languages|additional information|personal information|publications|"
                   r"objective|references|volunteer.*|presentations|activities and honors|honors|academic.*|credentials|"
                   r"licenses?)\W*$", re.I)
WORD = re.compile(r"[^\W_]+(?:[.+#][^\W_]*)*")


class Counts:
    """Of words: in texts, and alone, last and earlier in items of CVs' lists of skills."""

    def __init__(self, sets, known):
        self.all, self.o, self.h, self.m = (collections.Counter() for _ in range(4))
        items = collections.Counter()
        random.seed(3)
        for name, _, text, prose in SETS.values():
            for line in open(os.path.join(sets, name + ".ndjson"), encoding="utf8"):
                if prose == "ad" and random.random() > ADS_SHARE:
                    continue
                one = json.loads(line)
                if one["id"] in known:
                    continue
                self.all.update(word.lower().rstrip(".") for word in WORD.findall(one[text] or ""))
                if prose == "cv":
                    items.update(self.items(one[text] or ""))
        for item, count in items.items():
            words = item.split()
            if count < 2:
                continue
            if len(words) == 1:
                self.o[item] += count
            else:
                self.h[words[-1]] += count
                for word in words[:-1]:
                    self.m[word] += count

    def items(self, text):
        held, kept = False, []
        for line in text.split("\n"):
            if HEAD.match(line):
                held = True
                kept.append("\n")
            elif OTHER.match(line):
                held = False
            elif held:
                kept.append(line + "\n")
        listed = re.sub(r",[ \t]*\n", ", ", "".join(kept))
        found = set()
        for item in re.split(r"[,\n;•|·:()]| [-–] |Â| {2,}", listed):
            item = re.sub(r"\s+", " ", re.sub(r"[^\w+#&/ .'-]", " ", item)).strip(" .-&/").lower()
            if item and len(item.split()) <= 4 and not item[0].isdigit():
                found.add(item)
        return found


# --- what words do, from phrase.tsv; the embedding model ------------------------------
def forms(verb):
    stem = verb[:-1] if verb.endswith("e") else verb
    y = verb[:-1] if verb.endswith("y") and verb[-2] not in "aeou" else None
    return [verb, verb + "s" if y is None else y + "ies", verb + "es", stem + "ed" if y is None else y + "ied",
            stem + "ing", verb + verb[-1] + "ed", verb + verb[-1] + "ing"]


MARKS, VERBS = collections.defaultdict(set), {}
for line in open(os.path.join(HERE, "phrase.tsv"), encoding="utf8"):
    if line[0] != "#" and "\t" in line:
        mark, words = line.rstrip("\n").split("\t")
        for word in words.split(" "):
            if mark != "verb":
                MARKS[word].add(mark)
                continue
            for form in forms(word):
                MARKS[form].add("break")
                VERBS.setdefault(form, word)


class Model:
    def __init__(self, np):
        data = open(os.path.join(HERE, "..", "model", "potion-base-8m.bin"), "rb").read()
        _, count, self.size, _, _ = struct.unpack("<5I", data[8:28])
        at = 28 + 2 * count
        scales = np.frombuffer(data, "<u2", count, 28).astype(np.float32)
        self.rows = np.frombuffer(data, np.int8, count * self.size, at).reshape(count, self.size) * scales[:, None]
        names = data[at + count * self.size:].decode().split("\n")[:count]
        self.ids, self.np, self.held = {name: i for i, name in enumerate(names)}, np, {}

    def of(self, word):
        if word not in self.held:
            vector, at = self.np.zeros(self.size, self.np.float32), 0
            while at < len(word):
                ends = (end for end in range(len(word), at, -1) if ("##" if at else "") + word[at:end] in self.ids)
                end = next(ends, None)
                if end is None:
                    break
                vector = vector + self.rows[self.ids[("##" if at else "") + word[at:end]]]
                at = end
            norm = self.np.linalg.norm(vector)
            self.held[word] = vector / norm if norm > 0 else vector
        return self.held[word]


# --- runs of words that may be names, as unlisted.rs has them --------------------------
def names(one):
    data, read = one["text"].encode(), one["read"]
    items, lines, known = read["words"], read["lines"], read["names"]
    words = [data[a:b].decode("utf8", "ignore").lower() for a, b in items]
    sentences, starts, ends = [a for a, _ in read["sentences"]], [line[0] for line in lines], [it[1] for it in known]
    cut = lambda a, b: data[a:b].decode("utf8", "ignore")
    lists = lambda a, b: cut(a, b).strip() in LISTED
    at = 0
    while at < len(items):
        end, then = at, None
        while end < len(items):
            a = items[end][0]
            if end > at and cut(items[end - 1][1], a) not in JOINS:
                then = end
                break
            marks = MARKS.get(words[end], ())
            begin = sentences[max(0, bisect.bisect_right(sentences, a) - 1)]
            verb = "start" in marks and end == at and not any(c.isalnum() for c in cut(begin, a))
            if "break" in marks and "head" not in marks or verb or data[a:a + 1].isdigit():
                then = end + 1
                break
            end += 1
        run, at = (at, end), max(then or end, at + 1)
        if run[1] == run[0]:
            continue
        first, behind = run
        while behind - first > 1 and "tail" in MARKS.get(words[behind - 1], ()):
            behind -= 1
        while behind - first > 1 and "weak" in MARKS.get(words[first], ()):
            first += 1
        if behind - first > 4:
            first = behind - 3
        a, b = items[first][0], items[behind - 1][1]
        near = bisect.bisect_right(ends, a)
        line = lines[max(0, bisect.bisect_right(starts, a) - 1)]
        if near < len(known) and known[near][0] < b or data[:a].endswith(b"-") or line[3]:
            continue
        front = cut(max(0, items[run[0]][0] - 60), items[run[0]][0]).rstrip(BLANK)
        back = cut(items[run[1] - 1][1], items[run[1] - 1][1] + 60).lstrip(BLANK)
        c, d = front[-1:] or "\n", back[:1] or "\n"
        left = "and" if front.endswith((" and", " or", " &")) else "sign" if c in SIGNS else "dash" if c in ":-–" else "word"
        right = "and" if back.startswith(("and ", "or ", "& ")) else "sign" if d in SIGNS else \
            "dot" if d == "." else "colon" if d == ":" else "word"
        written = cut(a, b)
        shape = []
        if behind - first > 1:
            shape = ["allcap"] if all(part[:1].isupper() for part in written.split()) else []
        elif written.isupper() and len(written) > 1:
            shape = ["acro"]
        elif not written.isupper() and any(c.isupper() for c in written[1:]):
            shape = ["camel"]
        before = run[0] and cut(items[run[0] - 1][1], items[run[0]][0]).strip(BLANK) == ""
        yield {
            "span": (a, b), "words": words[first:behind], "prose": one["prose"], "section": line[2],
            "sides": (left, right), "shape": shape + (["trimmed"] if first > run[0] else []),
            "beside": "%d%d" % (near > 0 and lists(known[near - 1][1], a), near < len(known) and lists(b, known[near][0])),
            "before": words[run[0] - 1] if before else None,
            "behind": words[run[1]] if right == "word" and run[1] < len(words) else None,
        }


# --- learning ---------------------------------------------------------------------------
def of_word(word, role, counts, usual):
    """Features of a word in a role."""
    if word not in usual:
        return {role + "?": 1}
    found = {role + ":" + word: 1}
    if role in "ohm":
        found[role + "end:" + next((end for end in ENDS if word.endswith(end)), "-")] = 1
        found.update((role + "mark:" + mark, 1) for mark in MARKS.get(word, ()))
        listed = getattr(counts, role)[word]
        found[role + "listed"] = math.log((listed + .5) / (counts.all[word] + 20)) + 4
        if role == "o":
            found["often"] = math.log1p(listed)
    elif word in VERBS:
        found[role + "verb:" + VERBS[word]] = 1
        found[role + "verb"] = 1
    return found


def features(name, counts, usual, model, np):
    words, one = name["words"], len(name["words"]) == 1
    sides = "%s %s" % name["sides"]
    sort = {"Required": "rq", "Preferred": "rq", "Skills": "sk"}.get(name["section"], "x")
    found = {"%s %s" % (name["prose"], "one" if one else "many"): 1, "%s %s" % (name["prose"], name["section"]): 1,
             "words %d" % len(words): 1, sides: 1, "%s %s" % (sides, sort): 1, "beside " + name["beside"]: 1}
    found.update((shape, 1) for shape in name["shape"])
    roles = [(words[0], "o", 1)] if one else \
        [(words[-1], "h", 1)] + [(word, "m", 1 / (len(words) - 1)) for word in words[:-1]]
    roles += [(name[place], role, 1) for place, role in (("before", "b"), ("behind", "f")) if name[place]]
    vectors = np.zeros((4, model.size), np.float32)
    for word, role, share in roles:
        for feature, value in of_word(word, role, counts, usual).items():
            found[feature] = found.get(feature, 0) + value * share
        if word in usual and role != "f":
            vectors[ROLES.index(role)] += model.of(word) * share
    return found, vectors.ravel() * EMBEDDED


def table(readings, sets):
    import numpy as np, scipy.sparse as sparse
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    documents = [json.loads(line) for line in open(readings, encoding="utf8")]
    known = {one["id"] for _, one in labelled(os.path.join(HERE, "../../../engine/judged/facts"))}
    counts, model = Counts(sets, known), Model(np)
    usual = {word for word, count in counts.all.items()
             if count >= COUNT_MIN and len(word) > 1 and word.isascii() and word.isalpha()}
    found, vectors, right = [], [], []
    for one in documents:
        own = list(names(one))
        hits = [any(a < name["span"][1] and name["span"][0] < b for a, b in one["labels"]) for name in own]
        # One mention of a skill is marked of several.
        meant = {tuple(name["words"]) for name, hit in zip(own, hits) if hit}
        for name in own:
            feature, vector = features(name, counts, usual, model, np)
            found.append(feature)
            vectors.append(vector)
            right.append(tuple(name["words"]) in meant)
    vectorizer = DictVectorizer()
    matrix = sparse.hstack([vectorizer.fit_transform(found), sparse.csr_matrix(np.stack(vectors))]).tocsr()
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    fitted = LogisticRegression(C=STRENGTH, max_iter=500, solver="liblinear").fit(matrix, right)
    weights = fitted.coef_[0]
    weight = {name: weights[at] for name, at in vectorizer.vocabulary_.items()}.get
    of_vector = weights[len(vectorizer.feature_names_):].reshape(4, model.size) * EMBEDDED

    def summed(word, at):
        total = sum((weight(name) or 0) * value for name, value in of_word(word, ROLES[at], counts, usual).items())
        return total + (float(of_vector[at] @ model.of(word)) if at < 4 else 0)

    raw = {word: [summed(word, at) for at in range(5)] for word in sorted(usual)}
    middle = [float(np.median([row[at] for row in raw.values()])) for at in range(5)]
    whole = lambda number: max(-127, min(127, round(number * UNITS)))
    show = lambda name, number: print("=%s\t%d" % (name, whole(number)))
    print("# Made by name.py. `=`: weights of where a name stands; else a word's as all of a name, its\n"
          "# last word, an earlier one, the word before it and behind it, in sixteenths of a logit;\n"
          "# `?` is a word that is not here.")
    start = float(fitted.intercept_[0])
    for prose in ("ad", "cv"):
        show(prose + " one", start + (weight(prose + " one") or 0) + middle[0])
        show(prose + " many", start + (weight(prose + " many") or 0) + middle[1] + middle[2])
        for section in SECTIONS if prose == "ad" else ("Open", "Experience", "Skills", "Summary"):
            show("%s %s" % (prose, section), weight("%s %s" % (prose, section)) or 0)
    show("before", middle[3])
    show("behind", middle[4])
    for name in ["words %d" % n for n in (1, 2, 3, 4)] + ["acro", "camel", "allcap", "trimmed"] + \
            ["beside " + both for both in ("00", "01", "10", "11")]:
        show(name, weight(name) or 0)
    for left in LEFT:
        for right in RIGHT:
            for sort in ("x", "rq", "sk"):
                sides = "%s %s" % (left, right)
                show(sides + " " + sort, (weight(sides) or 0) + (weight(sides + " " + sort) or 0))
    print("?\t" + " ".join(str(whole((weight(role + "?") or 0) - middle[at])) for at, role in enumerate(ROLES)))
    for word, row in raw.items():
        row = [whole(value - usually) for value, usually in zip(row, middle)]
        row = [value if abs(value) > 1 else 0 for value in row]
        if max(map(abs, row)) >= PRUNE:
            print(word + "\t" + " ".join(map(str, row)))


if __name__ == "__main__":
    {"texts": texts, "table": table}[sys.argv[1]](*sys.argv[2:])
