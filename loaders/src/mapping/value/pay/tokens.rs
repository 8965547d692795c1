//! The words and signs of a pay text. Owns what a sign, an amount and a
//! period's word is; `pay` reads them in a row.

use super::super::{money, number};

/// A token, and whether it follows the one before without a space.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) glued: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A number as written, and what its unit multiplies it with (`k`).
    Amount {
        number: f64,
        unit: Option<f64>,
    },
    /// A currency by its code.
    Currency(&'static str),
    /// `$`, of whichever country.
    Dollar,
    /// `kr`, of whichever country.
    Krone,
    Percent,
    Dash,
    Slash,
    Plus,
    /// What parts sentences: bullets, line ends, semicolons.
    Break,
    /// Lower case, without dots.
    Word(String),
    Other,
}

const PERIODS: [(&str, &str); 5] = [
    (
        "hour",
        "hour hourly hr heure horaire stunde stündlich stundenlohn std hora ora uur uurloon timme timlön time timen godzinę ph",
    ),
    (
        "day",
        "day daily diem jour journalier tag täglich tagessatz tagesgage tjm día dia dag giorno dzień pd",
    ),
    (
        "week",
        "week weekly woche wöchentlich semaine semana vecka veckolön uge settimana pw",
    ),
    (
        "month",
        "month monthly mois mensuel mensuels mensuelle mensuelles monat monatlich monatlichen monatsgehalt mtl mes mensual mensuales mensile mese \
         maand maandelijks månad månadslön mån måned miesiąc miesięcznie pm pcm mth mese mês",
    ),
    (
        "year",
        "year yearly yr annual annually annum annuel annuels annuelle année jahr jährlich jahresgehalt jährliches jahres año anual anuales \
         anno annuo annui annua jaar jaarlijks år årslön rok rocznie ano pa lpa annualized salary/year",
    ),
];
/// Abbreviations that name a period only behind a slash or "per".
const SHORT: [(&str, &str); 5] = [
    ("hour", "h hrs u t"),
    ("day", "d j"),
    ("week", "w wk sem"),
    ("month", "m mo mon"),
    ("year", "y a an j yrs p.a"),
];
const PER: [&str; 10] = [
    "per", "par", "pro", "por", "al", "a", "an", "je", "im", "the",
];

/// The period a word names.
pub(super) fn period(word: &str) -> Option<&'static str> {
    named(&PERIODS, word)
}

/// The period a word names behind a slash or "per".
pub(super) fn period_after_per(word: &str) -> Option<&'static str> {
    period(word).or_else(|| named(&SHORT, word))
}

fn named(table: &[(&'static str, &str)], word: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(_, words)| words.split_whitespace().any(|known| known == word))
        .map(|(period, _)| *period)
}

/// The period the tokens name, the first one.
pub(super) fn period_in(tokens: &[Token]) -> Option<&'static str> {
    let mut per = false;
    for token in tokens {
        match &token.what {
            What::Word(word) => {
                let found = if per {
                    period_after_per(word)
                } else {
                    period(word)
                };
                if found.is_some() {
                    return found;
                }
                per = PER.contains(&word.as_str());
            }
            What::Slash => per = true,
            What::Amount { .. }
            | What::Currency(_)
            | What::Dollar
            | What::Krone
            | What::Percent
            | What::Dash
            | What::Plus
            | What::Break
            | What::Other => per = false,
        }
    }
    None
}

impl Token {
    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        if let What::Word(word) = &self.what {
            Some(word)
        } else {
            None
        }
    }

    /// The number and its unit, if it is an amount.
    pub(super) fn amount(&self) -> Option<(f64, Option<f64>)> {
        if let What::Amount { number, unit } = self.what {
            Some((number, unit))
        } else {
            None
        }
    }
}

/// The tokens of a text.
pub(super) fn of(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    let mut glued = false;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (what, bytes) = next(rest, first, before);
        let (eaten, after) = rest.split_at(bytes);
        match what {
            Some(What::Word(word)) if word == "lpa" => {
                tokens.push(Token {
                    what: What::Word(word),
                    glued,
                });
            }
            Some(what) => tokens.push(Token { what, glued }),
            None => {}
        }
        glued = !first.is_whitespace();
        before = eaten.chars().next_back().unwrap_or(' ');
        rest = after;
    }
    tokens
}

fn next(rest: &str, first: char, before: char) -> (Option<What>, usize) {
    if first.is_ascii_digit() {
        return amount(rest);
    }
    let ends = |sign: &str| {
        let behind = rest.get(sign.len()..).and_then(|rest| rest.chars().next());
        !sign.ends_with(char::is_alphabetic) || !behind.is_some_and(char::is_alphabetic)
    };
    // Inside a word a sign's letters are the word's.
    let inside = before.is_alphabetic() && first.is_alphabetic();
    let found = money::SIGNS
        .iter()
        .filter(|(sign, _)| !inside && rest.starts_with(sign) && ends(sign))
        .max_by_key(|(sign, _)| sign.len());
    if let Some((sign, code)) = found {
        return (Some(What::Currency(code)), sign.len());
    }
    let what = match first {
        '$' => What::Dollar,
        '%' => What::Percent,
        '-' | '‐' | '‑' | '–' | '—' | '−' | '~' => What::Dash,
        '/' => What::Slash,
        '+' => What::Plus,
        '•' | '·' | '|' | ';' | '\n' => What::Break,
        c if c.is_whitespace() => return (None, c.len_utf8()),
        c if c.is_alphabetic() => return word(rest),
        c => return (Some(What::Other), c.len_utf8()),
    };
    (Some(what), first.len_utf8())
}

fn amount(rest: &str) -> (Option<What>, usize) {
    let mut length = number::span(rest);
    let (digits, mut behind) = rest.split_at(length);
    // "50.000,-"
    if let Some(after) = behind
        .strip_prefix(",-")
        .or_else(|| behind.strip_prefix(".-"))
    {
        behind = after;
        length += 2;
    }
    let Some(number) = number::plain(digits) else {
        return (Some(What::Other), length);
    };
    let space = behind.len() - behind.trim_start_matches([' ', '\u{a0}']).len();
    let tail = behind.get(space..).unwrap_or_default();
    let word: String = tail.chars().take_while(|c| c.is_alphabetic()).collect();
    // "35 k€" and "35kEUR": the unit and the currency are one word.
    let (unit, bytes) = match word.to_lowercase().as_str() {
        "k" | "tsd" | "tusen" | "mil" | "thousand" => (Some(1e3), word.len()),
        "keur" | "kusd" | "kgbp" | "kchf" | "ksek" | "kpln" => (Some(1e3), 1),
        "m" | "mn" | "mio" | "million" => (Some(1e6), word.len()),
        // The word stays behind, for it names the year too.
        "lpa" => (Some(1e5), 0),
        "l" | "lakh" | "lakhs" | "lac" | "lacs" => (Some(1e5), word.len()),
        "cr" | "crore" | "crores" => (Some(1e7), word.len()),
        _ => (None, 0),
    };
    // A pension plan of the United States, not pay.
    let pension =
        digits == "401" && (unit.is_some() || tail.starts_with("(k)") || tail.starts_with("(K)"));
    let bytes = if unit.is_some() && bytes > 0 {
        length + space + bytes
    } else {
        length
    };
    if pension {
        return (Some(What::Other), bytes);
    }
    (Some(What::Amount { number, unit }), bytes)
}

fn word(rest: &str) -> (Option<What>, usize) {
    let mut end = 0;
    let mut letters = 0;
    for (at, c) in rest.char_indices() {
        // "p.a." is one word, "Bonus.Great" two.
        let is_dot = c == '.' && letters == 1;
        if is_dot {
            letters = 0;
        } else if c.is_alphabetic() || c == '\'' || c == '’' {
            letters += 1;
        } else {
            break;
        }
        end = at + c.len_utf8();
    }
    let whole = rest.get(..end).unwrap_or_default();
    let plain: String = whole
        .chars()
        .filter(|c| *c != '.')
        .flat_map(char::to_lowercase)
        .collect();
    let what = match plain.as_str() {
        "kr" | "kronor" | "kroner" | "kronur" => What::Krone,
        "dollar" | "dollars" => What::Dollar,
        _ => match money::word(whole.trim_end_matches('.')) {
            Some(code) => What::Currency(code),
            None => What::Word(plain),
        },
    };
    (Some(what), end)
}
