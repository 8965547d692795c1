#!/usr/bin/env python3
"""Makes reference.tsv: what the reference implementation answers for our texts.

    pip install model2vec==0.10.0
    python3 reference.py FOLDER reference.tsv

FOLDER holds model.safetensors, tokenizer.json and config.json (README.md says
where from). A line is: text, token ids without the unknown one, vector. In the
text, control and format characters, the backslash and U+FEFF stand as \\u{HEX}.
The vector is 256 times i16 little-endian in hex, unit vector times 32,767; it
is empty where the reference answers zeros.
"""

import sys
import unicodedata

import numpy
from model2vec import StaticModel

LONG_AD = (
    "We are looking for an experienced warehouse shift supervisor to join our distribution centre. "
    "You will plan the rota, train new colleagues, keep the stock counts right and report to the site manager. "
)
TEXTS = [
    # Titles and searches.
    "Data Scientist",
    "senior rust engineer",
    "Registered Nurse (ICU), night shift",
    "C++ / C# / .NET Developer",
    "Node.js & TypeScript full-stack engineer",
    "R&D chemist",
    "HGV Class 1 driver",
    "Kindergarten teacher",
    "accounts payable clerk",
    "DevOps Engineer - Kubernetes, Terraform, AWS",
    "python",
    "Sr. Mgr., M&A",
    # Ads and CVs.
    "We are hiring a bookkeeper for a family-owned bakery in Leeds. You keep the ledgers, run the payroll for "
    "14 people and talk to the accountant. Two years of experience and Xero are required; Excel is a plus. "
    "£28,000–£32,000 a year, 30 hours a week, parking on site.",
    "About the role\n\nAs a machine learning engineer you will:\n• train ranking models\n• own the feature store\n"
    "• review code\n\nYou bring 5+ years of Python, PyTorch and SQL. Remote within the EU.",
    "Line cook wanted! Evenings and weekends, $19.50/hr + tips. No experience? We'll teach you.",
    "SUMMARY\nElectrician with 12 years in industrial maintenance.\n\nEXPERIENCE\n2015-2023 Maintenance electrician, "
    "paper mill\n- PLC fault finding (Siemens S7)\n- reduced downtime by 18%\n\nEDUCATION\nNVQ Level 3",
    "Sales manager, 2018 to present. Grew the region from $2.1M to $4.8M, led a team of nine, introduced Salesforce. "
    "Languages: English, Spanish (fluent), Portuguese (basic).",
    "Nursing graduate, BSc 2022. Placements in paediatrics, A&E and community care. Basic Life Support certified.",
    # Other languages and scripts.
    "Softwareentwickler (m/w/d) für Straßenverkehrstechnik in München",
    "Wir suchen eine Krankenschwester für die Nachtschicht. Überstunden werden vergütet, Fortbildung ist möglich.",
    "Ingénieur d'études électriques, expérience exigée, poste basé à Orléans",
    "Cherche boulangère diplômée : façonnage, cuisson, vente. Congés payés, à temps partiel.",
    "软件工程师 北京 五年经验",
    "経理担当者 東京 カタカナ",
    "Бухгалтер со знанием 1С",
    "소프트웨어 개발자",
    "مهندس برمجيات",
    "İstanbul ŞOFÖR aranıyor",
    "Kỹ sư phần mềm",
    # Corners of the normaliser and the tokenizer.
    "naïve café — “quoted” … résumé",
    "re\u0301sume\u0301 with combining marks",
    "zero\u200bwidth soft\u00adhyphen no\u00a0break \ufeffmark",
    "null\u0000 bell\u0007 tab\tline\r\nfeed\u000bdrop",
    "[MASK] [CLS]x[SEP] [mask] [UNK] [PAD]",
    "🎉 hiring 🔥 now",
    "chef👩‍🍳cook",
    "a" * 100,
    "a" * 101 + " waiter",
    "ﬁnance ﬂorist Å Ω ①",
    "antidisestablishmentarianism electroencephalographically",
    # Nothing known.
    "",
    "   \n\t ",
    "🦄🦄 🦄",
    # Truncation: by characters, by tokens, and unknown words that take places.
    LONG_AD * 18,
    "x" + " " * 3070 + "yes never read",
    "- " * 511 + "nurse surgeon",
    "🦄 " * 511 + "nurse surgeon",
    ("職 " * 300 + "cook ") * 3,
]


def escaped(text):
    return "".join(
        f"\\u{{{ord(c):x}}}" if c == "\\" or unicodedata.category(c)[0] == "C" else c for c in text
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model = StaticModel.from_pretrained(sys.argv[1], force_download=False)
    vectors = model.encode(TEXTS)
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as out:
        for text, vector in zip(TEXTS, vectors):
            cut = text[: 512 * model.median_token_length]
            ids = model.tokenize([cut])[0]
            stored = numpy.round(vector * 32767).astype("<i2").tobytes().hex() if vector.any() else ""
            print(escaped(text), " ".join(map(str, ids)), stored, sep="\t", file=out)


if __name__ == "__main__":
    main()
