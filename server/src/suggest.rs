//! Names that look like the one given, and JSON pointers to them.

/// Names further away than this are not worth suggesting.
const LIKENESS_MIN: f64 = 0.75;

/// How like two names are, from 0 to 1; `None` where it is not worth a word.
pub(crate) fn likeness(given: &str, name: &str) -> Option<f64> {
    let likeness = strsim::jaro_winkler(given, name);
    (likeness >= LIKENESS_MIN).then_some(likeness)
}

/// The name most like `given`, if one is like it at all.
pub(crate) fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    names
        .into_iter()
        .filter_map(|name| Some((likeness(given, name)?, name)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// A name as a part of a JSON pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::{escape, nearest};

    #[test]
    fn names_close_to_the_given_one_are_suggested() {
        let names = ["filters", "facets", "fields", "limit"];
        let cases = [
            ("filter", Some("filters")),
            ("feilds", Some("fields")),
            ("limt", Some("limit")),
            ("zzz", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(nearest(given, names).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(escape("a/b~c"), "a~1b~0c");
    }
}
