//! Queries people would type, made from titles, skills and facet values of
//! stored documents. Pure: the same vocabulary and seed give the same queries.

use serde_json::{Map, Value, json};

use crate::random::Random;

const WORDS_MIN: usize = 2;
const WORDS_MAX: usize = 6;
const FACETS_MAX: usize = 3;

/// What the documents of a kind offer to ask for.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// Ids of documents.
    pub(crate) ids: Vec<String>,
    /// Words of each title or headline, in their order.
    pub(crate) titles: Vec<Vec<String>>,
    /// Skills of each document that names some.
    pub(crate) skills: Vec<Vec<String>>,
    /// Facet fields the server takes, each with values it counted.
    pub(crate) facets: Vec<(String, Vec<Value>)>,
}

/// Shares of searches with a filter and with facets, and their number of hits.
pub(crate) struct Style {
    pub(crate) filtered: f64,
    pub(crate) faceted: f64,
    pub(crate) limit: u32,
}

/// Words of a text as a person would type them again: separators go, the signs
/// of `c++`, `c#`, `.net` and `r&d` stay, query operators do not: a title in
/// capitals has an `AND`, of which a part would be half an expression.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '.' | '&'))
        .map(|word| word.trim_start_matches('+').trim_end_matches('.'))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| match word {
            "AND" | "OR" | "NOT" => word.to_lowercase(),
            _ => word.to_owned(),
        })
        .collect()
}

/// Body of one search.
pub(crate) fn search(vocabulary: &Vocabulary, style: &Style, random: &mut Random) -> Value {
    let mut body = Map::new();
    body.insert("q".to_owned(), query(vocabulary, random).into());
    body.insert("limit".to_owned(), style.limit.into());
    if random.chance(style.filtered)
        && let Some((field, values)) = random.pick(&vocabulary.facets)
        && let Some(value) = random.pick(values)
    {
        body.insert("filters".to_owned(), json!({field: value}));
    }
    if random.chance(style.faceted) && !vocabulary.facets.is_empty() {
        let mut fields: Vec<&str> = vocabulary
            .facets
            .iter()
            .map(|(field, _)| field.as_str())
            .collect();
        random.shuffle(&mut fields);
        fields.truncate(1 + random.below(FACETS_MAX));
        body.insert("facets".to_owned(), json!(fields));
    }
    Value::Object(body)
}

/// Two to six words: of a title, of a title and a skill, or of skills alone;
/// one in ten has a must, a not or a phrase.
fn query(vocabulary: &Vocabulary, random: &mut Random) -> String {
    let mut found = Vec::new();
    // Titles of one word and documents without skills need another try.
    for _ in 0..8 {
        let draw = random.unit();
        if draw < 0.8 {
            add_title(vocabulary, random, &mut found);
        }
        if draw >= 0.5 {
            add_skill(vocabulary, random, &mut found);
        }
        if found.len() >= WORDS_MIN {
            break;
        }
    }
    found.truncate(WORDS_MAX);
    let Some(last) = found.pop() else {
        return String::new();
    };
    let text = found.join(" ");
    match random.below(30) {
        0 => format!("{text} +{last}"),
        1 => format!("{text} -{last}"),
        2 => format!("\"{text}\" {last}"),
        _ => format!("{text} {last}"),
    }
}

fn add_title(vocabulary: &Vocabulary, random: &mut Random, found: &mut Vec<String>) {
    let Some(title) = random.pick(&vocabulary.titles) else {
        return;
    };
    let count = (2 + random.below(3)).min(title.len());
    let first = random.below(title.len() - count + 1);
    found.extend(title.iter().skip(first).take(count).cloned());
}

fn add_skill(vocabulary: &Vocabulary, random: &mut Random, found: &mut Vec<String>) {
    if let Some(skills) = random.pick(&vocabulary.skills)
        && let Some(skill) = random.pick(skills)
    {
        found.extend(words(skill).into_iter().take(3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            ids: vec![],
            titles: vec![
                words("Senior Data Engineer (m/f/d), Berlin"),
                words("Nurse"),
            ],
            skills: vec![vec!["C++".into(), "Apache Spark".into()], vec![]],
            facets: vec![("remote".into(), vec![json!("remote"), json!("office")])],
        }
    }

    #[test]
    fn words_keep_the_signs_of_names_and_lose_operators() {
        let cases = [
            ("C++/C# dev.", vec!["C++", "C#", "dev"]),
            ("+must -not \"x\"", vec!["must", "not", "x"]),
            (".NET & R&D", vec![".NET", "R&D"]),
            (" -- ", vec![]),
            (
                "RN AND LPN, OR/ER NOT ANDy",
                vec!["RN", "and", "LPN", "or", "ER", "not", "ANDy"],
            ),
            ("Zürich:Köln", vec!["Zürich", "Köln"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected);
        }
    }

    #[test]
    fn a_seed_gives_the_same_queries_of_two_to_six_words() {
        let style = Style {
            filtered: 0.3,
            faceted: 0.2,
            limit: 10,
        };
        let make = |seed| -> Vec<Value> {
            let mut random = Random::new(seed);
            (0..500)
                .map(|_| search(&vocabulary(), &style, &mut random))
                .collect()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        let bodies = make(1);
        for body in &bodies {
            let count = body["q"].as_str().unwrap().split(' ').count();
            assert!((WORDS_MIN..=WORDS_MAX).contains(&count), "{body}");
        }
        let share = |member: &str| {
            bodies
                .iter()
                .filter(|body| body.get(member).is_some())
                .count()
        };
        assert!((100..200).contains(&share("filters")));
        assert!((60..140).contains(&share("facets")));
    }

    #[test]
    fn an_empty_vocabulary_asks_for_everything() {
        let style = Style {
            filtered: 1.0,
            faceted: 1.0,
            limit: 1,
        };
        let body = search(&Vocabulary::default(), &style, &mut Random::new(1));
        assert_eq!(body, json!({"q": "", "limit": 1}));
    }
}
