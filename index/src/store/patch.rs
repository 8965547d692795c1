//! Merge patches (RFC 7396): what they make of a document. Owns that and the
//! version a patched document has; pure.

use serde_json::{Map, Value};

/// The document after a merge patch: members of `null` go, objects are merged,
/// everything else is replaced. Recursive: the depth of both must be bounded.
pub fn merge_patch(document: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *document = patch;
        return;
    };
    if !document.is_object() {
        *document = Value::Object(Map::new());
    }
    let Value::Object(members) = document else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            // In its place: the others keep their order.
            members.shift_remove(&name);
        } else {
            merge_patch(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// A stored document with a merge patch. Where it says its version and the
/// patch does not, it says the next one: it is another document now.
pub fn patched(mut document: Value, held: u64, patch: Value) -> Value {
    let names_version = patch.get("version").is_some();
    merge_patch(&mut document, patch);
    let own = document.get_mut("version").filter(|own| !own.is_null());
    if let (Some(own), Some(next), false) = (own, held.checked_add(1), names_version) {
        *own = next.into();
    }
    document
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{merge_patch, patched};

    #[test]
    fn patches_do_what_the_appendix_of_rfc_7396_says() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ];
        for (document, patch, expected) in cases {
            let mut found = document.clone();
            merge_patch(&mut found, patch.clone());
            assert_eq!(found, expected, "{document} {patch}");
        }
    }

    #[test]
    fn members_keep_their_order() {
        let mut document: Value = serde_json::from_str(r#"{"a":1,"b":2,"c":3,"d":4}"#).unwrap();
        merge_patch(&mut document, json!({"b": null, "c": 5, "e": 6}));
        assert_eq!(document.to_string(), r#"{"a":1,"c":5,"d":4,"e":6}"#);
    }

    #[test]
    fn a_version_a_document_says_goes_on() {
        for (document, held, patch, expected) in [
            (json!({"version": 5}), 5, json!({}), json!({"version": 6})),
            (
                json!({"version": 5}),
                5,
                json!({"version": 9}),
                json!({"version": 9}),
            ),
            (
                json!({"version": 5}),
                5,
                json!({"version": null}),
                json!({}),
            ),
            (json!({}), 5, json!({"a": 1}), json!({"a": 1})),
            // Behind the last there is none: the writer finds it stale.
            (
                json!({"version": u64::MAX}),
                u64::MAX,
                json!({}),
                json!({"version": u64::MAX}),
            ),
        ] {
            assert_eq!(patched(document, held, patch), expected);
        }
    }
}
