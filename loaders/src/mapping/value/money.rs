//! Currencies by code, sign and word. Owns which are known and how much of
//! each is about a dollar, to tell a misreading from pay.

/// Code, and about how many of it a US dollar is: a scale for plausible
/// amounts, not a rate.
const CODES: [(&str, f64); 52] = [
    ("USD", 1.0),
    ("EUR", 1.0),
    ("GBP", 1.0),
    ("CHF", 1.0),
    ("CAD", 1.0),
    ("AUD", 1.0),
    ("NZD", 1.0),
    ("SGD", 1.0),
    ("JPY", 150.0),
    ("CNY", 7.0),
    ("HKD", 8.0),
    ("TWD", 32.0),
    ("KRW", 1350.0),
    ("INR", 80.0),
    ("SEK", 10.0),
    ("NOK", 10.0),
    ("DKK", 7.0),
    ("ISK", 140.0),
    ("PLN", 4.0),
    ("CZK", 23.0),
    ("HUF", 350.0),
    ("RON", 5.0),
    ("BGN", 2.0),
    ("RSD", 110.0),
    ("UAH", 40.0),
    ("RUB", 90.0),
    ("TRY", 35.0),
    ("ILS", 4.0),
    ("AED", 4.0),
    ("SAR", 4.0),
    ("QAR", 4.0),
    ("EGP", 50.0),
    ("ZAR", 18.0),
    ("NGN", 1500.0),
    ("KES", 130.0),
    ("MAD", 10.0),
    ("BRL", 5.0),
    ("MXN", 18.0),
    ("ARS", 1000.0),
    ("CLP", 950.0),
    ("COP", 4000.0),
    ("PEN", 4.0),
    ("UYU", 40.0),
    ("PHP", 57.0),
    ("THB", 35.0),
    ("VND", 25000.0),
    ("IDR", 16000.0),
    ("MYR", 4.5),
    ("PKR", 280.0),
    ("AMD", 390.0),
    ("GEL", 3.0),
    ("KWD", 0.3),
];

/// Signs; longer ones first, so that `CA$` is not `$`.
pub(super) const SIGNS: [(&str, &str); 35] = [
    ("US$", "USD"),
    ("USD$", "USD"),
    ("CA$", "CAD"),
    ("C$", "CAD"),
    ("CAD$", "CAD"),
    ("AU$", "AUD"),
    ("A$", "AUD"),
    ("AUD$", "AUD"),
    ("NZ$", "NZD"),
    ("S$", "SGD"),
    ("SG$", "SGD"),
    ("HK$", "HKD"),
    ("MX$", "MXN"),
    ("NT$", "TWD"),
    ("R$", "BRL"),
    ("CN¥", "CNY"),
    ("JP¥", "JPY"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("¥", "JPY"),
    ("₱", "PHP"),
    ("₪", "ILS"),
    ("₩", "KRW"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₦", "NGN"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("Fr.", "CHF"),
];

const WORDS: [(&str, &str); 23] = [
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("eur", "EUR"),
    ("pound", "GBP"),
    ("pounds", "GBP"),
    ("gbp", "GBP"),
    ("usd", "USD"),
    ("chf", "CHF"),
    ("franken", "CHF"),
    ("rupees", "INR"),
    ("inr", "INR"),
    ("rupee", "INR"),
    ("sek", "SEK"),
    ("nok", "NOK"),
    ("dkk", "DKK"),
    ("pln", "PLN"),
    ("zloty", "PLN"),
    ("cad", "CAD"),
    ("aud", "AUD"),
    ("zl", "PLN"),
    ("yen", "JPY"),
    ("brl", "BRL"),
    ("czk", "CZK"),
];

/// Currencies that are written with a plain `$` where they are at home.
pub(super) const DOLLARS: [&str; 10] = [
    "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "ARS",
];
/// Currencies that are written `kr`.
pub(super) const KRONER: [&str; 4] = ["SEK", "NOK", "DKK", "ISK"];

/// The code of a currency's code, sign or word.
pub(in crate::mapping) fn code(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let upper = text.to_uppercase();
    let known = CODES.iter().find(|(code, _)| *code == upper);
    let sign = || {
        SIGNS
            .iter()
            .find(|(sign, _)| *sign == text)
            .map(|(_, code)| *code)
    };
    known
        .map(|(code, _)| *code)
        .or_else(sign)
        .or_else(|| word(text))
        .or((text == "$").then_some("USD"))
}

/// The code a word in running text names: codes in capitals, the common ones
/// and the words in any letters. `all` and `try` are English.
pub(super) fn word(text: &str) -> Option<&'static str> {
    if let Some((code, _)) = CODES.iter().find(|(code, _)| *code == text) {
        return Some(code);
    }
    let lower = text.to_lowercase();
    WORDS
        .iter()
        .find(|(word, _)| *word == lower)
        .map(|(_, code)| *code)
}

/// About how many of the currency a US dollar is.
pub(super) fn scale(code: &str) -> f64 {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(1.0, |(_, scale)| *scale)
}
