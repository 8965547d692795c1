//! Amounts of money in a text. Owns numbers as people write them, signs and
//! codes of currencies, and words of periods; judges nothing.

/// A number with what stands at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    /// First byte, of its currency where that stands before it.
    pub(super) start: usize,
    /// The byte behind it and its currency.
    pub(super) end: usize,
    pub(super) value: f64,
    /// `k` stood behind it; it is counted in `value`.
    pub(super) thousands: bool,
    /// Millions or billions: no pay.
    pub(super) huge: bool,
    /// `+` stood behind it.
    pub(super) open: bool,
    pub(super) currency: Option<&'static str>,
}

// Signs and words in front of a number or behind it; longer ones first.
#[rustfmt::skip]
const CURRENCIES: [(&str, &str); 53] = [
    ("US$", "USD"), ("CA$", "CAD"), ("AU$", "AUD"), ("NZ$", "NZD"), ("HK$", "HKD"), ("MX$", "MXN"),
    ("C$", "CAD"), ("A$", "AUD"), ("S$", "SGD"), ("R$", "BRL"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"),
    ("₹", "INR"), ("¥", "JPY"), ("₪", "ILS"), ("₱", "PHP"), ("₺", "TRY"), ("₦", "NGN"), ("₽", "RUB"),
    ("zł", "PLN"), ("Kč", "CZK"), ("USD", "USD"), ("EUR", "EUR"), ("GBP", "GBP"), ("CAD", "CAD"),
    ("AUD", "AUD"), ("NZD", "NZD"), ("SGD", "SGD"), ("HKD", "HKD"), ("CHF", "CHF"), ("SEK", "SEK"),
    ("NOK", "NOK"), ("DKK", "DKK"), ("PLN", "PLN"), ("CZK", "CZK"), ("HUF", "HUF"), ("RON", "RON"),
    ("AED", "AED"), ("SAR", "SAR"), ("QAR", "QAR"), ("ZAR", "ZAR"), ("INR", "INR"), ("AMD", "AMD"),
    ("BRL", "BRL"), ("MXN", "MXN"), ("JPY", "JPY"), ("ILS", "ILS"), ("PHP", "PHP"), ("euros", "EUR"),
    ("euro", "EUR"), ("dollars", "USD"), ("Rs", "INR"),
];

/// The numbers of a text, in order, but those inside words.
pub(super) fn amounts(text: &str) -> Vec<Amount> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (value, behind) = number(bytes, at);
        if let Some(amount) = amount(text, at, behind, value) {
            at = amount.end.max(behind);
            found.push(amount);
        } else {
            at = behind;
        }
    }
    found
}

// A number from its first digit on, and the byte behind it. A sign with three
// digits behind it groups, else it is the decimal one.
fn number(bytes: &[u8], start: usize) -> (f64, usize) {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut value = 0.0;
    let mut at = start;
    let add = |range: std::ops::Range<usize>, value: &mut f64| {
        for byte in bytes.get(range).unwrap_or_default() {
            *value = *value * 10.0 + f64::from(byte - b'0');
        }
    };
    let first = digits(at);
    add(at..at + first, &mut value);
    at += first;
    let mut groups = first <= 3;
    loop {
        let gap = match bytes.get(at) {
            Some(b',' | b'.' | b'\'' | b' ') => 1,
            // No-break blanks in UTF-8.
            Some(0xc2) if bytes.get(at + 1) == Some(&0xa0) => 2,
            Some(0xe2) if bytes.get(at + 1..at + 3) == Some(&[0x80, 0xaf]) => 3,
            _ => return (value, at),
        };
        let count = digits(at + gap);
        if groups && count == 3 {
            add(at + gap..at + gap + 3, &mut value);
            at += gap + 3;
        } else if groups && count == 2 && bytes.get(at + 3) == Some(&b',') && digits(at + 4) >= 2 {
            // Lakhs: "1,50,000".
            add(at + 1..at + 3, &mut value);
            at += 3;
        } else if (1..=2).contains(&count) && matches!(bytes.get(at), Some(b',' | b'.')) {
            let mut part = 0.0;
            add(at + gap..at + gap + count, &mut part);
            let unit = if count == 1 { 10.0 } else { 100.0 };
            return (value + part / unit, at + gap + count);
        } else {
            return (value, at);
        }
        groups = true;
    }
}

fn amount(text: &str, start: usize, behind: usize, value: f64) -> Option<Amount> {
    let before = text.get(..start)?;
    let front = prefix(before);
    let glued = before.chars().next_back();
    if front.is_none() && glued.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '#'))
    {
        return None;
    }
    let mut amount = Amount {
        start: front.map_or(start, |(at, _)| at),
        end: behind,
        value,
        thousands: false,
        huge: false,
        open: false,
        currency: front.map(|(_, code)| code),
    };
    let rest = |end: usize| text.get(end..).unwrap_or_default();
    let (skipped, letters) = word(rest(behind));
    let unit = rest(behind)
        .get(skipped..skipped + letters)
        .unwrap_or_default();
    match unit {
        "k" | "K" => {
            amount.thousands = true;
            amount.end += skipped + letters;
        }
        "M" | "m" | "MM" | "mm" | "B" | "b" | "bn" | "Bn" | "BN" | "mn" | "mio" | "Mio" | "mil"
        | "T"
            if skipped == 0 || unit.len() > 1 =>
        {
            amount.huge = true;
        }
        _ if [
            "million",
            "millions",
            "billion",
            "billions",
            "trillion",
            "Millionen",
            "crore",
            "lakh",
        ]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(unit)) =>
        {
            amount.huge = true;
        }
        // "$50s", "3rd", but "500EUR".
        _ if skipped == 0 && letters > 0 && suffix(rest(behind)).is_none() && front.is_none() => {
            return None;
        }
        _ => {}
    }
    if let Some((length, code)) = suffix(rest(amount.end)) {
        amount.end += length;
        // "$90,000 CAD": the code says which dollars.
        amount.currency = match amount.currency {
            Some(own) if own != "USD" => Some(own),
            _ => Some(code),
        };
    }
    if rest(amount.end).starts_with('+') {
        amount.open = true;
        amount.end += 1;
    }
    if amount.thousands {
        amount.value *= 1_000.0;
    }
    Some(amount)
}

// Blanks (at most one) and ASCII letters a text begins with.
fn word(text: &str) -> (usize, usize) {
    let skipped = usize::from(text.starts_with(' '));
    let letters = text.bytes().skip(skipped);
    let letters = letters.take_while(u8::is_ascii_alphabetic).count();
    (skipped, letters)
}

// A currency at the end of a text: where it begins, and its code.
fn prefix(before: &str) -> Option<(usize, &'static str)> {
    let trimmed = before.strip_suffix([' ', '\u{a0}']).unwrap_or(before);
    let trimmed = trimmed
        .strip_suffix('.')
        .filter(|t| t.ends_with("Rs"))
        .unwrap_or(trimmed);
    let last = trimmed.chars().next_back()?;
    if last.is_ascii_digit() || last.is_ascii_punctuation() && last != '$' {
        return None;
    }
    let (sign, code) = CURRENCIES
        .iter()
        .find(|(sign, _)| trimmed.ends_with(sign))?;
    let start = trimmed.len() - sign.len();
    let front = trimmed.get(..start)?;
    let lettered = sign.starts_with(|c: char| c.is_alphabetic());
    if lettered && front.ends_with(char::is_alphanumeric) {
        // "ZAR$" and the like are none, but the sign itself is.
        return (*code != "INR").then_some(()).and(prefix_sign(trimmed));
    }
    // "USD$31", "CAD $20".
    if *sign == "$" {
        let front = front.strip_suffix(' ').unwrap_or(front);
        let named = ["USD", "CAD", "AUD", "NZD", "SGD", "HKD"];
        if let Some(code) = named.iter().find(|code| front.ends_with(**code)) {
            return Some((front.len() - code.len(), code));
        }
    }
    Some((start, code))
}

fn prefix_sign(text: &str) -> Option<(usize, &'static str)> {
    let at = text.strip_suffix('$')?.len();
    Some((at, "USD"))
}

// A currency a text begins with: its bytes, a blank counted, and its code.
fn suffix(text: &str) -> Option<(usize, &'static str)> {
    let trimmed = text.strip_prefix([' ', '\u{a0}']).unwrap_or(text);
    let skipped = text.len() - trimmed.len();
    let first = trimmed.chars().next()?;
    if first.is_ascii_digit() || first.is_whitespace() || first.is_ascii_punctuation() {
        return None;
    }
    let (sign, code) = CURRENCIES.iter().find(|(sign, _)| {
        let rest = trimmed.strip_prefix(sign);
        rest.is_some_and(|rest| {
            !sign.ends_with(char::is_alphabetic) || !rest.starts_with(char::is_alphanumeric)
        })
    })?;
    // A sign behind a number may be the next number's: "20 $30".
    let next = trimmed
        .get(sign.len()..)
        .and_then(|rest| rest.chars().next());
    if next.is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    Some((skipped + sign.len(), code))
}

/// What stands behind an amount about its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    /// The period, and the bytes up to its end.
    Period(&'static str, usize),
    /// It is per something else: a head, a hire, a credit hour.
    Other,
    /// Nothing.
    Unsaid,
}

#[rustfmt::skip]
const UNITS: [(&str, &str); 50] = [
    ("year", "year"), ("yr", "year"), ("yearly", "year"), ("annum", "year"), ("annual", "year"), ("annually", "year"),
    ("pa", "year"), ("anno", "year"), ("annualized", "year"), ("jahr", "year"), ("jährlich", "year"), ("an", "year"),
    ("jahresbrutto", "year"), ("annuel", "year"), ("jaar", "year"), ("år", "year"), ("years", "year"), ("ctc", "year"),
    ("month", "month"), ("months", "month"), ("mo", "month"), ("mth", "month"), ("monthly", "month"), ("monat", "month"),
    ("monatlich", "month"), ("mois", "month"), ("mensuel", "month"), ("maand", "month"), ("månad", "month"), ("pcm", "month"),
    ("mes", "month"), ("mese", "month"),
    ("week", "week"), ("weekly", "week"), ("wk", "week"), ("pw", "week"), ("woche", "week"),
    ("day", "day"), ("daily", "day"), ("diem", "day"), ("tag", "day"), ("pd", "day"), ("jour", "day"),
    ("hour", "hour"), ("hourly", "hour"), ("hr", "hour"), ("hrs", "hour"), ("ph", "hour"), ("stunde", "hour"), ("heure", "hour"),
];

const JOINS: [&str; 12] = [
    "per", "a", "an", "each", "pro", "par", "im", "p", "every", "por", "al", "i",
];

const FILLERS: [&str; 16] = [
    "gross",
    "brutto",
    "bruto",
    "brut",
    "net",
    "netto",
    "usd",
    "cad",
    "aud",
    "gbp",
    "eur",
    "base",
    "euros",
    "euro",
    "equivalent",
    "salary",
];

/// The period of a word, in any case.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    let found = UNITS.iter().find(|(name, _)| {
        name.eq_ignore_ascii_case(word) || (word.len() > 6 && *name == word.to_lowercase())
    });
    found.map(|(_, period)| *period)
}

/// The period a text begins with: `/hr`, ` per year`, ` USD annually`, ` p.a.`.
pub(super) fn per(text: &str) -> Per {
    let mut joined = false;
    let mut from = 0;
    for _ in 0..6 {
        let rest = text.get(from..).unwrap_or_default();
        let gap = rest.len()
            - rest
                .trim_start_matches([' ', '/', '.', '(', '\u{a0}', '*'])
                .len();
        let skipped = rest.get(..gap).unwrap_or_default();
        joined |= skipped.contains('/');
        // A sentence ends here.
        if skipped.contains(". ") || gap > 3 {
            return Per::Unsaid;
        }
        let rest = rest.get(gap..).unwrap_or_default();
        let length = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let is_in = |list: &[&str]| list.iter().any(|one| one.eq_ignore_ascii_case(word));
        if word.is_empty() {
            return Per::Unsaid;
        }
        // "p.a.", "p.h.", "par an": what joins may be a unit behind another one.
        let abbreviated = joined && length == 1;
        let short = match word {
            "a" | "A" if abbreviated => Some("year"),
            "h" | "H" if abbreviated => Some("hour"),
            "m" | "M" if abbreviated => Some("month"),
            "d" | "D" if abbreviated => Some("day"),
            "w" | "W" if abbreviated => Some("week"),
            _ => None,
        };
        let an = word.eq_ignore_ascii_case("an");
        if let Some(period) = short.or_else(|| unit(word).filter(|_| joined || !an)) {
            return Per::Period(period, from + gap + length);
        }
        if is_in(&JOINS) {
            joined = true;
        } else if !is_in(&FILLERS) {
            return if joined { Per::Other } else { Per::Unsaid };
        }
        from += gap + length;
    }
    Per::Unsaid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        // (text, value, currency, the bytes it takes)
        let cases = [
            ("$53,000", 53_000.0, Some("USD"), "$53,000"),
            ("USD 80K", 80_000.0, Some("USD"), "USD 80K"),
            ("€ 2.500 brutto", 2_500.0, Some("EUR"), "€ 2.500"),
            ("€2.500,50", 2_500.5, Some("EUR"), "€2.500,50"),
            ("40 000 SEK/M", 40_000.0, Some("SEK"), "40 000 SEK"),
            ("38 000,00€", 38_000.0, Some("EUR"), "38 000,00€"),
            ("USD$31.98 per hour", 31.98, Some("USD"), "USD$31.98"),
            ("$90,000 CAD", 90_000.0, Some("CAD"), "$90,000 CAD"),
            ("C$20", 20.0, Some("CAD"), "C$20"),
            ("45 K€", 45_000.0, Some("EUR"), "45 K€"),
            ("45k", 45_000.0, None, "45k"),
            ("500 euro (maximum)", 500.0, Some("EUR"), "500 euro"),
            ("£60k+ OTE", 60_000.0, Some("GBP"), "£60k+"),
            ("Rs. 25,000", 25_000.0, Some("INR"), "Rs. 25,000"),
            ("1,50,000 INR", 150_000.0, Some("INR"), "1,50,000 INR"),
        ];
        for (text, value, currency, taken) in cases {
            let found = amounts(text);
            let first = found.first().unwrap();
            assert!((first.value - value).abs() < 1e-9, "{text}: {first:?}");
            assert_eq!(first.currency, currency, "{text}");
            assert_eq!(text.get(first.start..first.end), Some(taken), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount() {
        assert!(
            amounts("B2B, 3rd, COVID19, v2.0")
                .iter()
                .all(|one| one.currency.is_none())
        );
        assert!(
            amounts("$3.5 million, $2B, €100m, $250M")
                .iter()
                .all(|one| one.huge)
        );
    }

    #[test]
    fn periods_behind_amounts() {
        let cases = [
            ("/hr", Per::Period("hour", 3)),
            (" per year.", Per::Period("year", 9)),
            (" an hour", Per::Period("hour", 8)),
            (" p.a.", Per::Period("year", 4)),
            (" USD annually", Per::Period("year", 13)),
            (" brutto/Monat", Per::Period("month", 13)),
            (" gross per month", Per::Period("month", 16)),
            (" /year", Per::Period("year", 6)),
            (" par an", Per::Period("year", 7)),
            (" per credit hour", Per::Other),
            (" plus bonus", Per::Unsaid),
            (". Annual leave", Per::Unsaid),
        ];
        for (text, expected) in cases {
            assert_eq!(per(text), expected, "{text}");
        }
    }
}
