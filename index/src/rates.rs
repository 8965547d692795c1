//! Rates of currencies, dated. Owns the tables, their format and the one the
//! process converts with; knows nothing of pay or of periods.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Longest name of a source, in bytes: answers show it.
pub const SOURCE_BYTES_MAX: usize = 300;

/// Units of each currency for one euro, on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    date: String,
    source: Option<String>,
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

// One table a process: filters, facets, sorts, the score and what is understood
// must convert alike, and a document's pay is kept in its own currency.
static TABLE: OnceLock<Rates> = OnceLock::new();

fn table() -> &'static Rates {
    TABLE.get_or_init(|| {
        Rates::parse(include_str!("../data/rates.tsv")).expect("a test reads the built-in table")
    })
}

/// Makes a table the one this process converts with, in place of the built-in
/// one. Errors: one is in use already, set or used before.
pub fn install(rates: Rates) -> Result<(), RatesError> {
    TABLE.set(rates).map_err(|_refused| RatesError {
        line: 0,
        reason: "a table of rates is in use already".into(),
    })
}

/// An amount of one currency in another. None for a code without a rate.
pub fn convert(amount: f64, from: &str, to: &str) -> Option<f64> {
    table().convert(amount, from, to)
}

/// The day of the table in use, such as `2026-10-30`.
pub fn date() -> &'static str {
    table().date()
}

/// Where the table in use comes from.
pub fn source() -> &'static str {
    table().source()
}

/// Whether the table in use has a currency (a code in capitals).
pub fn is_known(code: &str) -> bool {
    table().per_euro(code).is_some()
}

/// The codes of the table in use, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    table()
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
/// exactly one and the table in use has its rate.
pub fn of_country(country: &str) -> Option<&'static str> {
    let has = |countries: &str| countries.split(' ').any(|one| one == country);
    let found = TENDERS.iter().find(|(_, countries)| has(countries));
    found.map(|(code, _)| *code).filter(|code| is_known(code))
}

impl Rates {
    /// Reads a table from a file's bytes, which are UTF-8; else as [`Self::parse`].
    pub fn read(bytes: &[u8]) -> Result<Self, RatesError> {
        let text = std::str::from_utf8(bytes).map_err(|cause| {
            let good = bytes.get(..cause.valid_up_to()).unwrap_or_default();
            RatesError {
                line: good.split(|byte| *byte == b'\n').count(),
                reason: "is not UTF-8 text".into(),
            }
        })?;
        Self::parse(text)
    }

    /// Reads a table: a line `date`, tab, `YYYY-MM-DD`; at most one line `source`,
    /// tab, where the rates are from; then a line a currency: code, tab, units for
    /// one euro, and whatever else after a tab. Lines that begin with `#` are
    /// comments. EUR may be left out. Errors name the line.
    pub fn parse(text: &str) -> Result<Self, RatesError> {
        let mut rates = Self {
            date: String::new(),
            source: None,
            per_euro: BTreeMap::from([(*b"EUR", 1.0)]),
        };
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
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
            rates.take(name, value).map_err(error)?;
            if let Some(first) = seen.insert(name, line) {
                return Err(error(format!("{name} stands on line {first} already")));
            }
        }
        let whole = |reason: &str| RatesError {
            line: 0,
            reason: reason.into(),
        };
        if rates.per_euro.len() < 2 {
            return Err(whole("has no rate"));
        }
        if rates.date.is_empty() {
            return Err(whole("needs a line `date`, tab, YYYY-MM-DD"));
        }
        Ok(rates)
    }

    // Takes one line.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let shown = value.escape_debug();
        match name {
            "date" => {
                let is_long = value.len() == "2026-10-30".len();
                let date = value.parse::<jiff::civil::Date>().ok().filter(|_| is_long);
                date.ok_or_else(|| format!("`{shown}` is no date such as 2026-10-30"))?;
                value.clone_into(&mut self.date);
                return Ok(());
            }
            "source" if value.is_empty() || value.len() > SOURCE_BYTES_MAX => {
                return Err(format!("a source has 1 to {SOURCE_BYTES_MAX} bytes"));
            }
            "source" => {
                self.source = Some(value.to_owned());
                return Ok(());
            }
            _ => {}
        }
        let code = code_of(name)
            .ok_or_else(|| format!("`{}` is no ISO 4217 code such as USD", name.escape_debug()))?;
        let rate = value.parse().ok().filter(|rate| usable(*rate));
        let rate: f64 = rate.ok_or_else(|| {
            format!("`{shown}` is no rate: expected how many {name} one euro is, above 0 (from {RATE_MIN} to {RATE_MAX})")
        })?;
        if code == *b"EUR" && (rate - 1.0).abs() > f64::EPSILON {
            return Err("one euro is one euro: rates are units for one EUR".into());
        }
        self.per_euro.insert(code, rate);
        Ok(())
    }

    /// The same table, from `source` if it does not name one.
    #[must_use]
    pub fn or_source(mut self, source: &str) -> Self {
        self.source.get_or_insert_with(|| source.to_owned());
        self
    }

    /// The table's day.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Where it is from; empty if it does not say.
    pub fn source(&self) -> &str {
        self.source.as_deref().unwrap_or_default()
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

// Beyond these no currency has ever been; it keeps sums finite.
const RATE_MIN: f64 = 1e-9;
const RATE_MAX: f64 = 1e12;

fn usable(rate: f64) -> bool {
    (RATE_MIN..=RATE_MAX).contains(&rate)
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
            ("date\t2026-02-03\nEUR\t1\nEUR\t1", 3, "line 2"),
            ("date\t2026-02-03\nUSD\t-1", 2, "above 0"),
            ("date\t2026-02-03\nUSD\tinf", 2, "above 0"),
            ("date\t2026-02-03\nUSD\t1e15", 2, "to 1000000000000)"),
            ("date\t2026-02-03\nUSD\t", 2, "a tab"),
            ("date\t2026-02-03\n\t1.1", 2, "ISO 4217"),
            ("date\t2026-02-03\ndate\t2026-02-04\nUSD\t1", 2, "line 1"),
            ("date\t2026-02-03T10:00\nUSD\t1", 1, "no date"),
            ("date\t2026-02-03\nEUR\t1", 0, "no rate"),
            ("source\t \ndate\t2026-02-03\nUSD\t1", 1, "a tab"),
            ("source\ta\nsource\ta\nUSD\t1", 2, "line 1"),
        ];
        for (text, line, part) in cases {
            let error = Rates::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
        let error = Rates::read(b"date\t2026-02-03\n# K\xf6nig\nUSD\t1").unwrap_err();
        assert_eq!(error.to_string(), "line 2: is not UTF-8 text");
        let table = Rates::parse("\u{feff}date\t2026-02-03\r\nUSD\t2\tbank\r\n").unwrap();
        assert_eq!(table.convert(10.0, "USD", "EUR"), Some(5.0));
        assert_eq!((table.date(), table.source()), ("2026-02-03", ""));
        assert_eq!(table.or_source("rates.tsv").source(), "rates.tsv");
        let long = format!("source\t{}\n", "x".repeat(SOURCE_BYTES_MAX + 1));
        let error = Rates::parse(&long).unwrap_err().to_string();
        assert!(error.contains("300 bytes"), "{error}");
        let named = Rates::parse("source\tour bank\ndate\t2026-02-03\nUSD\t2").unwrap();
        assert_eq!(named.or_source("rates.tsv").source(), "our bank");
    }

    #[test]
    fn a_table_in_use_stays() {
        let before = convert(1.0, "EUR", "USD");
        let other = Rates::parse("date\t2026-02-03\nUSD\t1000").unwrap();
        let error = install(other).unwrap_err();
        assert_eq!(error.to_string(), "a table of rates is in use already");
        assert_eq!(convert(1.0, "EUR", "USD"), before);
        assert!(source().contains("European Central Bank"), "{}", source());
    }
}
