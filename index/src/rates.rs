//! Rates of currencies, dated. Owns the table and its format; knows nothing of
//! pay or of periods.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Where the built-in table comes from.
pub const SOURCE: &str = "European Central Bank, euro foreign exchange reference rates; currencies it leaves out from currency-api";

/// Units of each currency for one euro, on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    date: String,
    per_euro: BTreeMap<[u8; 3], f64>,
}

/// A line of a rate table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatesError {
    /// Line, from 1; 0 for the whole table.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for RatesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.reason);
        }
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for RatesError {}

static BUILT_IN: LazyLock<Rates> = LazyLock::new(|| {
    Rates::parse(include_str!("../data/rates.tsv")).expect("a test reads the built-in table")
});

/// An amount of one currency in another, with the built-in table. None for a
/// code the table does not have.
pub fn convert(amount: f64, from: &str, to: &str) -> Option<f64> {
    BUILT_IN.convert(amount, from, to)
}

/// The day of the built-in table, such as `2026-10-30`.
pub fn date() -> &'static str {
    BUILT_IN.date()
}

/// Whether the built-in table has a currency (a code in capitals).
pub fn is_known(code: &str) -> bool {
    BUILT_IN.per_euro(code).is_some()
}

/// The codes of the built-in table, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    BUILT_IN
        .per_euro
        .keys()
        .filter_map(|code| std::str::from_utf8(code).ok())
}

// Currencies of ISO 4217 and the countries (ISO 3166-1) where only this one is
// legal tender.
const TENDERS: [(&str, &str); 93] = [
    (
        "EUR",
        "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV \
            MC ME MF MQ MT NL PM PT RE SI SK SM VA XK YT",
    ),
    ("USD", "AS EC FM GU MH MP PR PW TC TL US VG VI"),
    ("GBP", "GB GG IM JE"),
    ("AED", "AE"),
    ("ALL", "AL"),
    ("AMD", "AM"),
    ("AOA", "AO"),
    ("ARS", "AR"),
    ("AUD", "AU CC CX KI NF NR TV"),
    ("AZN", "AZ"),
    ("BAM", "BA"),
    ("BDT", "BD"),
    ("BHD", "BH"),
    ("BOB", "BO"),
    ("BRL", "BR"),
    ("BWP", "BW"),
    ("BYN", "BY"),
    ("CAD", "CA"),
    ("CHF", "CH LI"),
    ("CLP", "CL"),
    ("CNY", "CN"),
    ("COP", "CO"),
    ("CRC", "CR"),
    ("CZK", "CZ"),
    ("DKK", "DK FO GL"),
    ("DOP", "DO"),
    ("DZD", "DZ"),
    ("EGP", "EG"),
    ("ETB", "ET"),
    ("GEL", "GE"),
    ("GHS", "GH"),
    ("GTQ", "GT"),
    ("HKD", "HK"),
    ("HNL", "HN"),
    ("HUF", "HU"),
    ("IDR", "ID"),
    ("ILS", "IL"),
    ("INR", "IN"),
    ("IQD", "IQ"),
    ("ISK", "IS"),
    ("JMD", "JM"),
    ("JOD", "JO"),
    ("JPY", "JP"),
    ("KES", "KE"),
    ("KGS", "KG"),
    ("KRW", "KR"),
    ("KWD", "KW"),
    ("KZT", "KZ"),
    ("LKR", "LK"),
    ("MAD", "MA"),
    ("MDL", "MD"),
    ("MKD", "MK"),
    ("MMK", "MM"),
    ("MNT", "MN"),
    ("MUR", "MU"),
    ("MXN", "MX"),
    ("MYR", "MY"),
    ("MZN", "MZ"),
    ("NGN", "NG"),
    ("NIO", "NI"),
    ("NOK", "NO SJ"),
    ("NPR", "NP"),
    ("NZD", "CK NU NZ TK"),
    ("OMR", "OM"),
    ("PEN", "PE"),
    ("PGK", "PG"),
    ("PHP", "PH"),
    ("PKR", "PK"),
    ("PLN", "PL"),
    ("PYG", "PY"),
    ("QAR", "QA"),
    ("RON", "RO"),
    ("RSD", "RS"),
    ("RUB", "RU"),
    ("RWF", "RW"),
    ("SAR", "SA"),
    ("SEK", "SE"),
    ("SGD", "SG"),
    ("THB", "TH"),
    ("TND", "TN"),
    ("TRY", "TR"),
    ("TTD", "TT"),
    ("TWD", "TW"),
    ("TZS", "TZ"),
    ("UAH", "UA"),
    ("UGX", "UG"),
    ("UYU", "UY"),
    ("UZS", "UZ"),
    ("VND", "VN"),
    ("XAF", "CF CG CM GA GQ TD"),
    ("XOF", "BF BJ CI GW ML NE SN TG"),
    ("ZAR", "ZA"),
    ("ZMW", "ZM"),
];

/// The currency of a country (ISO 3166-1 alpha-2, in capitals), where it has
/// exactly one and the built-in table has its rate.
pub fn of_country(country: &str) -> Option<&'static str> {
    let has = |countries: &str| countries.split(' ').any(|one| one == country);
    let found = TENDERS.iter().find(|(_, countries)| has(countries));
    found.map(|(code, _)| *code)
}

impl Rates {
    /// Reads a table: a line `date`, tab, `YYYY-MM-DD`; then a line a currency:
    /// code, tab, units for one euro, and whatever else after a tab. Lines that
    /// begin with `#` are comments. EUR may be left out. Errors name the line.
    pub fn parse(text: &str) -> Result<Self, RatesError> {
        let mut date = None;
        let mut per_euro = BTreeMap::from([(*b"EUR", 1.0)]);
        let mut seen = BTreeMap::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim_end();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let error = |reason: String| RatesError { line, reason };
            let mut parts = content.split('\t').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let value = parts
                .next()
                .ok_or_else(|| error("expected a code, a tab and a rate".into()))?;
            if name == "date" {
                value
                    .parse::<jiff::civil::Date>()
                    .map_err(|cause| error(format!("`{value}` is no date: {cause}")))?;
                date = Some(value.to_owned());
                continue;
            }
            let code = code_of(name).ok_or_else(|| {
                error(format!(
                    "`{}` is no ISO 4217 code such as USD",
                    name.escape_debug()
                ))
            })?;
            let rate: f64 = value
                .parse()
                .ok()
                .filter(|rate| usable(*rate))
                .ok_or_else(|| {
                    error(format!(
                        "`{}` is no rate: expected how many {name} one euro is, above 0",
                        value.escape_debug()
                    ))
                })?;
            if let Some(first) = seen.insert(code, line) {
                return Err(error(format!("{name} stands on line {first} already")));
            }
            if code == *b"EUR" && (rate - 1.0).abs() > f64::EPSILON {
                return Err(error(
                    "one euro is one euro: rates are units for one EUR".into(),
                ));
            }
            per_euro.insert(code, rate);
        }
        let whole = |reason: &str| RatesError {
            line: 0,
            reason: reason.into(),
        };
        if per_euro.len() < 2 {
            return Err(whole("has no rate"));
        }
        let date = date.ok_or_else(|| whole("needs a line `date`, tab, YYYY-MM-DD"))?;
        Ok(Self { date, per_euro })
    }

    /// The table's day.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// An amount of one currency in another. None for a code without a rate.
    pub fn convert(&self, amount: f64, from: &str, to: &str) -> Option<f64> {
        if from == to {
            // Not through the euro and back: the amount stays as it was.
            return self.per_euro(from).map(|_| amount);
        }
        Some(amount / self.per_euro(from)? * self.per_euro(to)?)
    }

    fn per_euro(&self, code: &str) -> Option<f64> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        self.per_euro.get(&code).copied()
    }
}

fn code_of(name: &str) -> Option<[u8; 3]> {
    let code: [u8; 3] = name.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_uppercase).then_some(code)
}

// Beyond this no currency has ever been; it keeps sums finite.
fn usable(rate: f64) -> bool {
    (1e-9..=1e12).contains(&rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_one_currency_with_a_rate() {
        let mut all: Vec<&str> = TENDERS.iter().flat_map(|(_, all)| all.split(' ')).collect();
        assert!(TENDERS.iter().all(|(code, _)| is_known(code)));
        for country in &all {
            assert!(
                crate::gazetteer::country_name(country).is_some(),
                "{country}"
            );
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for (country, code) in [
            ("DE", Some("EUR")),
            ("BG", Some("EUR")),
            ("ZW", None),
            ("PA", None),
            ("GB", Some("GBP")),
            ("US", Some("USD")),
            ("CI", Some("XOF")),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(of_country(country), code, "{country}");
        }
    }

    #[test]
    fn built_in_rates_are_dated_and_of_the_right_size() {
        assert!(codes().count() >= 90, "{}", codes().count());
        assert_eq!(date().len(), 10);
        assert!(codes().all(is_known));
        // (currency, least and most of it for one euro in living memory)
        let cases = [
            ("USD", 0.8, 1.6),
            ("GBP", 0.6, 1.0),
            ("CHF", 0.85, 1.7),
            ("SEK", 8.0, 13.0),
            ("JPY", 90.0, 220.0),
            ("INR", 50.0, 140.0),
            ("PLN", 3.5, 5.0),
            ("BGN", 1.95, 1.96),
            ("AED", 3.0, 6.0),
            ("AMD", 300.0, 650.0),
            ("UAH", 20.0, 70.0),
        ];
        for (code, low, high) in cases {
            let one = convert(1.0, "EUR", code).unwrap();
            assert!((low..high).contains(&one), "{code} {one}");
            let back = convert(one, code, "EUR").unwrap();
            assert!((back - 1.0).abs() < 1e-12, "{code}");
        }
        assert_eq!(convert(70_000.1, "USD", "USD"), Some(70_000.1));
        for unknown in ["XXX", "usd", "", "DOLLAR"] {
            assert_eq!(convert(1.0, unknown, "EUR"), None, "{unknown}");
            assert_eq!(convert(1.0, unknown, unknown), None, "{unknown}");
        }
    }

    #[test]
    fn broken_tables_name_their_line() {
        let cases = [
            ("", 0, "no rate"),
            ("USD\t1.1\n", 0, "date"),
            ("date\t2026-02-30\nUSD\t1.1", 1, "no date"),
            ("date\t2026-02-03\n# x\nUSD 1.1", 3, "a tab"),
            ("date\t2026-02-03\nusd\t1.1", 2, "ISO 4217"),
            ("date\t2026-02-03\nUSD\t1,1", 2, "no rate"),
            ("date\t2026-02-03\nUSD\t0", 2, "no rate"),
            ("date\t2026-02-03\nUSD\tNaN", 2, "no rate"),
            ("date\t2026-02-03\nUSD\t1\nUSD\t2", 3, "line 2"),
            ("date\t2026-02-03\nEUR\t2", 2, "one euro"),
        ];
        for (text, line, part) in cases {
            let error = Rates::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
        let table = Rates::parse("\u{feff}date\t2026-02-03\r\nUSD\t2\tbank\r\n").unwrap();
        assert_eq!(table.convert(10.0, "USD", "EUR"), Some(5.0));
        assert_eq!(table.date(), "2026-02-03");
    }
}
