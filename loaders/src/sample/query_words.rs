//! The words of a search as a person types them: what of a title, a skill, a place or a company they take, and the
//! slips they make.

use super::query::Asked;
use super::rng::Rng;

const WORDS_MIN: usize = 2;
const WORDS_MAX: usize = 6;

/// What people say beside the work.
const EXTRAS: [&str; 14] = [
    "remote",
    "part time",
    "full time",
    "80k",
    "last week",
    "senior",
    "junior",
    "entry level",
    "hybrid",
    "contract",
    "manager",
    "immediate start",
    "50k",
    "work from home",
];

/// Words of a text: separators go, the signs of `c++`, `c#`, `.net` and `r&d` stay.
fn words(text: &str) -> impl Iterator<Item = &str> {
    // Letters alone are the marks of French and Spanish titles ("H/F"), but for two languages.
    let telling = |word: &&str| {
        word.chars().filter(|c| c.is_alphanumeric()).count() > 1
            || word.chars().any(|c| matches!(c, '+' | '#' | 'R' | 'C'))
    };
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '.' | '&' | '\''))
        .map(|word| word.trim_start_matches('+').trim_end_matches(['.', '\'']))
        .filter(telling)
}

/// The text of a search, two to six words but for strict ones.
pub(super) fn query(rng: &mut Rng, asked: &Asked) -> String {
    let shape = rng.below(100);
    if shape >= 97 {
        return boolean(rng, asked);
    }
    let mut said: Vec<&str> = Vec::with_capacity(8);
    match shape {
        0..30 => title(rng, asked, &mut said),
        30..48 => {
            title(rng, asked, &mut said);
            skill(rng, asked, &mut said);
        }
        48..62 => {
            skill(rng, asked, &mut said);
            skill(rng, asked, &mut said);
        }
        62..80 => {
            title(rng, asked, &mut said);
            said.extend(words(asked.city.name));
        }
        80..86 => said.extend(asked.company.iter().flat_map(|name| words(name)).take(4)),
        86..94 => {
            title(rng, asked, &mut said);
            said.push(rng.say(&EXTRAS));
        }
        _ => {
            title(rng, asked, &mut said);
            return marked(rng, asked, &said);
        }
    }
    if said.is_empty() {
        title(rng, asked, &mut said);
    }
    if said.len() < WORDS_MIN {
        skill(rng, asked, &mut said);
    }
    if said.len() < WORDS_MIN {
        said.extend(words(asked.city.name));
    }
    if said.len() < WORDS_MIN {
        said.push("jobs");
    }
    said.truncate(WORDS_MAX);
    let mut said: Vec<String> = said.into_iter().map(str::to_owned).collect();
    if rng.chance(75) {
        for word in &mut said {
            *word = word.to_lowercase();
        }
    }
    match rng.below(100) {
        0..5 => slip(rng, &mut said),
        5..11 => cut_last(rng, &mut said),
        _ => {}
    }
    said.join(" ")
}

/// Two to four words of the title; all of a short one.
fn title<'a>(rng: &mut Rng, asked: &'a Asked, said: &mut Vec<&'a str>) {
    let all: Vec<&str> = words(&asked.title).collect();
    let count = rng.between(2, 4).min(all.len());
    // What the work is stands last in English, first in the other languages.
    let left = all.len() - count;
    let first = match rng.below(10) {
        0..5 => left,
        5..9 => 0,
        _ => rng.below(left + 1),
    };
    said.extend(all.iter().skip(first).take(count).copied());
}

fn skill(rng: &mut Rng, asked: &Asked, said: &mut Vec<&str>) {
    if !asked.skills.is_empty() {
        let skill: &'static str = asked.skills[rng.below(asked.skills.len())];
        let new: Vec<&str> = words(skill)
            .filter(|word| !said.contains(word))
            .take(3)
            .collect();
        said.extend(new);
    }
}

/// The words with a must, a not or a phrase.
fn marked(rng: &mut Rng, asked: &Asked, said: &[&str]) -> String {
    let text = said.join(" ").to_lowercase();
    let skill = asked.skills.first().copied().unwrap_or("intern");
    let skill = words(skill).next().unwrap_or("intern").to_lowercase();
    match rng.below(4) {
        0 => format!("\"{text}\""),
        1 => format!("{text} +{skill}"),
        2 => format!("{text} -intern"),
        _ => format!("\"{text}\" {skill}"),
    }
}

/// A strict expression.
fn boolean(rng: &mut Rng, asked: &Asked) -> String {
    let quoted = |text: &str| {
        let said: Vec<&str> = words(text).collect();
        format!("\"{}\"", said.join(" ").to_lowercase())
    };
    let title = quoted(&asked.title);
    let skill = |place: usize| quoted(asked.skills.get(place).copied().unwrap_or("experience"));
    let country = asked.country;
    match rng.below(5) {
        0 => format!("{} AND {}", skill(0), skill(1)),
        1 => format!("({} OR {}) NOT intern", skill(0), skill(1)),
        2 => format!("{title} AND location.country:{country}"),
        3 => format!("{title} OR ({} AND {})", skill(0), skill(1)),
        _ => format!("({} OR {}) AND location.country:{country}", title, skill(0)),
    }
}

/// One slip of the finger in one longer word, not in its first letter.
fn slip(rng: &mut Rng, said: &mut [String]) {
    let long: Vec<usize> = (0..said.len())
        .filter(|&place| said[place].len() >= 5 && said[place].chars().all(char::is_alphabetic))
        .collect();
    if long.is_empty() {
        return;
    }
    let word = &mut said[*rng.pick(&long)];
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.between(1, letters.len() - 2);
    match rng.below(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = *rng.pick(&['a', 'e', 'i', 'o', 'n', 'r', 's', 't']),
    }
    *word = letters.into_iter().collect();
}

/// The last word as far as it has been typed.
fn cut_last(rng: &mut Rng, said: &mut [String]) {
    if let Some(last) = said.last_mut() {
        let count = last.chars().count();
        if count > 3 {
            *last = last.chars().take(rng.between(2, count - 1)).collect();
        }
    }
}
