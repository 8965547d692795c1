//! Suggestions while somebody types. Owns the parameters; what is suggested is
//! the engine's.

use std::sync::Arc;

use hyper::Response;
use tandem_engine::suggest::{Asked, SuggestType, suggest as find, types};
use tandem_index::Kind;

use super::ask::{compute, require_kind};
use super::call::Call;
use super::respond::{self, Body};
use crate::clock;
use crate::limits::{SUGGEST_BYTES_MAX, SUGGESTIONS_DEFAULT, SUGGESTIONS_MAX};
use crate::suggest::nearest;
use crate::wire::answer::{Suggestion, Suggestions};
use crate::wire::at_least::MIN_SEQUENCE;
use crate::wire::parameters::SUGGEST;
use crate::wire::problem::{Code, Fault, Outcome, Refusal};
use crate::wire::query;

/// What is asked for.
#[derive(Debug, PartialEq)]
struct Typed {
    q: String,
    types: Vec<SuggestType>,
    limit: usize,
}

pub(super) async fn suggest(call: Call) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let (name, kinds) = (call.params.kind.clone(), Arc::clone(&call.app.kinds));
    let query = call.query.clone().unwrap_or_default();
    let read_query = {
        let (name, kinds) = (name.clone(), Arc::clone(&kinds));
        move || {
            let kind = kinds.get(&name).ok_or_else(crate::compute::defect)?;
            Ok((read(&query, kind)?, None))
        }
    };
    compute(&call, read_query, move |typed, space, timing| {
        let kind = kinds.get(&name).ok_or_else(crate::compute::defect)?;
        let snapshot = space.current();
        let asked = Asked {
            q: &typed.q,
            types: &typed.types,
            limit: typed.limit,
            now_ms: clock::now_ms(),
        };
        let found = find(&snapshot, kind, asked);
        timing.end("suggest");
        let suggestions = found.into_iter().map(|one| Suggestion {
            text: one.text,
            kind_of: one.kind_of.as_str().to_owned(),
            count: one.count,
            highlight: one.highlight,
            alias: one.alias,
        });
        respond::to_json(&Suggestions {
            suggestions: suggestions.collect(),
            snapshot: space.token(snapshot.sequence),
        })
    })
    .await
}

fn read(query: &str, kind: &Kind) -> Outcome<Typed> {
    let known = types(kind);
    let mut typed = Typed {
        q: String::new(),
        types: known.clone(),
        limit: SUGGESTIONS_DEFAULT,
    };
    for (name, value) in query::pairs(query, &[])? {
        match name.as_str() {
            "q" if value.len() > SUGGEST_BYTES_MAX => {
                let detail = format!("has {} bytes, at most {SUGGEST_BYTES_MAX}", value.len());
                return Err(query::wrong(&name, &detail));
            }
            "q" => typed.q = value,
            "limit" => {
                let limit = value.parse().ok();
                typed.limit = limit
                    .filter(|limit| (1..=SUGGESTIONS_MAX).contains(limit))
                    .ok_or_else(|| {
                        let detail = format!("must be a number from 1 to {SUGGESTIONS_MAX}");
                        query::wrong(&name, &detail)
                    })?;
            }
            "types" => {
                typed.types.clear();
                for one in query::comma_list(&name, &value)? {
                    let one = one_type(&one, &known)?;
                    if typed.types.contains(&one) {
                        let detail = format!("{} is given twice", one.as_str());
                        return Err(query::wrong(&name, &detail));
                    }
                    typed.types.push(one);
                }
            }
            _ => {
                let known = SUGGEST.map(|(name, _, _)| name).into_iter();
                return Err(query::unknown(&name, known.chain([MIN_SEQUENCE])));
            }
        }
    }
    Ok(typed)
}

/// One of the types a kind has.
fn one_type(name: &str, known: &[SuggestType]) -> Outcome<SuggestType> {
    let found = SuggestType::from_name(name).filter(|one| known.contains(one));
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|one| one.as_str()).collect();
        Refusal::because(vec![Fault {
            pointer: "/types".to_owned(),
            code: Code::InvalidRequest,
            detail: format!("the kind has the types {}", names.join(", ")),
            did_you_mean: nearest(name, names),
        }])
    })
}

#[cfg(test)]
mod tests {
    use tandem_engine::suggest::SuggestType;
    use tandem_index::Kinds;

    use super::read;

    #[test]
    fn parameters_are_read_and_wrong_ones_named() {
        let kinds = Kinds::builtin();
        let (jobs, people) = (kinds.get("jobs").unwrap(), kinds.get("candidates").unwrap());
        let typed = read("q=data+eng&limit=5&types=skill,title", jobs).unwrap();
        assert_eq!((typed.q.as_str(), typed.limit), ("data eng", 5));
        assert_eq!(typed.types, [SuggestType::Skill, SuggestType::Title]);
        assert_eq!(read("", jobs).unwrap().types.len(), 4);
        let cases = [
            ("limit=0", "/limit", None),
            ("limit=101", "/limit", None),
            ("limt=1", "/limt", Some("limit")),
            ("types=skills", "/types", Some("skill")),
            ("q=a&q=b", "/q", None),
            ("types=", "/types", None),
            ("types=,", "/types", None),
            ("types=skill,", "/types", None),
            ("types=skill,title,skill", "/types", None),
            ("types=skill&types=title", "/types", None),
        ];
        for (query, pointer, suggestion) in cases {
            let fault = &read(query, jobs).unwrap_err().errors[0];
            let found = (fault.pointer.as_str(), fault.did_you_mean.as_deref());
            assert_eq!(found, (pointer, suggestion));
        }
        // A person's company is no suggestion.
        assert!(read("types=company", people).is_err());
        let long = format!("q={}", "x".repeat(600));
        assert!(read(&long, jobs).is_err());
    }
}
