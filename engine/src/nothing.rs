//! Why nothing is found: which of what was understood of a query has to be taken
//! back, and what is found then. Owns which combinations are tried.

use std::ops::Range;

use serde_json::{Value, json};

use crate::understand;

/// Parts whose combinations are tried: each is another search.
const PARTS_MAX: usize = 4;

/// What is found without some parts.
struct Without {
    parts: Vec<String>,
    q: String,
    total: u64,
}

/// The fewest parts whose absence finds something, in words and for `applied`;
/// `None` where nothing was understood. Of single parts all that help are named,
/// of several together those that help most. `count` is told a query and says
/// what it finds.
pub(crate) fn found(
    q: &str,
    understood: &Value,
    mut count: impl FnMut(&str) -> u64,
) -> Option<(String, Value)> {
    let parts = understand::asking(q, understood);
    if parts.is_empty() {
        return None;
    }
    let mut leave_out = |chosen: &[&Range<usize>]| {
        let q = understand::without(q, chosen);
        let total = count(&q);
        (q, total)
    };
    let all: Vec<&Range<usize>> = parts.iter().collect();
    let tried = all.get(..PARTS_MAX).unwrap_or(&all);
    let mut helps = Vec::new();
    for size in 1..=tried.len() {
        helps = combinations(tried, size)
            .map(|chosen| (leave_out(&chosen), chosen))
            .filter(|((_, total), _)| *total > 0)
            .collect();
        // Where the words alone find nothing, no combination does.
        let hopeless = size == 1 && helps.is_empty() && leave_out(&all).1 == 0;
        if !helps.is_empty() || hopeless {
            break;
        }
    }
    if helps.is_empty() && all.len() > tried.len() {
        helps = vec![(leave_out(&all), all)];
        helps.retain(|((_, total), _)| *total > 0);
    }
    if helps.first().is_some_and(|(_, chosen)| chosen.len() > 1) {
        let most = helps.iter().map(|((_, total), _)| *total).max();
        let best = helps
            .iter()
            .position(|((_, total), _)| Some(*total) == most);
        helps = best.map(|at| helps.swap_remove(at)).into_iter().collect();
    }
    let text = |range: &Range<usize>| q.get(range.clone()).unwrap_or("").to_owned();
    let helps: Vec<Without> = helps
        .into_iter()
        .map(|((q, total), chosen)| Without {
            parts: chosen.into_iter().map(text).collect(),
            q,
            total,
        })
        .collect();
    let names: Vec<String> = parts.iter().map(text).collect();
    Some((said(&helps, &names), shown(&helps)))
}

/// All choices of `size` of the parts, in the order of the query.
fn combinations<'a>(
    parts: &'a [&'a Range<usize>],
    size: usize,
) -> impl Iterator<Item = Vec<&'a Range<usize>>> {
    let chosen = move |mask: u32| {
        let mut chosen = Vec::with_capacity(size);
        for (at, part) in parts.iter().enumerate() {
            if mask & (1 << at) != 0 {
                chosen.push(*part);
            }
        }
        chosen
    };
    let masks = (1_u32..1 << parts.len()).filter(move |mask| mask.count_ones() == size as u32);
    masks.map(chosen)
}

fn said(helps: &[Without], names: &[String]) -> String {
    if helps.is_empty() {
        return format!("0 hits, also without {}", listed(names, " or "));
    }
    let one = |without: &Without| {
        let parts = listed(&without.parts, " and ");
        format!("without {parts} {}", without.total)
    };
    let counts: Vec<String> = helps.iter().map(one).collect();
    format!("0 hits; {}", counts.join(", "))
}

fn listed(names: &[String], last: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{}{last}{end}", rest.join(", ")),
        Some(_) | None => names.concat(),
    }
}

fn shown(helps: &[Without]) -> Value {
    helps
        .iter()
        .map(|Without { parts, q, total }| json!({"parts": parts, "q": q, "total": total}))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::found;

    const Q: &str = "remote rust 80k berlin senior last week";

    fn understood(parts: &[&str]) -> Value {
        let one = |text: &&str| json!({"text": text, "filter": {"a": "b"}});
        parts.iter().map(one).collect()
    }

    /// What is said where each query finds as many as `hits` says, and how
    /// often was counted.
    fn tried(parts: &[&str], hits: &[(&str, u64)]) -> (String, Value, usize) {
        let mut counted = 0;
        let count = |q: &str| {
            counted += 1;
            hits.iter()
                .find(|(known, _)| *known == q)
                .map_or(0, |hits| hits.1)
        };
        let (said, shown) = found(Q, &understood(parts), count).unwrap();
        (said, shown, counted)
    }

    #[test]
    fn the_fewest_parts_that_help_are_named() {
        let parts = ["remote", "80k", "berlin", "last week"];
        let all = ("rust senior", 900);
        let (said, shown, counted) = tried(
            &parts,
            &[
                ("remote rust berlin senior last week", 2),
                ("remote rust 80k berlin senior", 12),
                all,
            ],
        );
        assert_eq!(said, "0 hits; without `80k` 2, without `last week` 12");
        assert_eq!(
            shown[1],
            json!({"parts": ["last week"], "q": "remote rust 80k berlin senior", "total": 12})
        );
        assert_eq!(counted, 4);
        let (said, shown, counted) = tried(
            &parts,
            &[
                ("rust 80k senior last week", 3),
                ("remote rust berlin senior", 7),
                ("remote rust senior", 70),
                all,
            ],
        );
        assert_eq!(said, "0 hits; without `80k` and `last week` 7");
        assert_eq!(
            shown,
            json!([{"parts": ["80k", "last week"], "q": "remote rust berlin senior", "total": 7}])
        );
        assert_eq!(counted, 4 + 1 + 6);
        let (said, _, counted) = tried(&parts, &[("remote rust senior", 70), all]);
        assert_eq!(said, "0 hits; without `80k`, `berlin` and `last week` 70");
        assert_eq!(counted, 4 + 1 + 6 + 4);
    }

    #[test]
    fn where_nothing_helps_that_is_said_and_nothing_offered() {
        let (said, shown, counted) = tried(&["remote", "80k"], &[]);
        assert_eq!(said, "0 hits, also without `remote` or `80k`");
        assert_eq!(shown, json!([]));
        assert_eq!(counted, 3);
        assert_eq!(found(Q, &json!([]), |_| 1), None);
    }

    #[test]
    fn more_parts_than_are_combined_are_left_out_together() {
        let parts = ["remote", "rust", "80k", "berlin", "last week"];
        let (said, _, _) = tried(&parts, &[("senior", 5)]);
        assert_eq!(
            said,
            "0 hits; without `remote`, `rust`, `80k`, `berlin` and `last week` 5"
        );
    }
}
