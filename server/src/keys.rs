//! Keys: who may do what in which space. Owns the key file and comparing; a
//! key itself is never kept, only its hash.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Ask.
    Read,
    /// Ask and change.
    Write,
}

/// A key's rights.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name, for logs.
    pub name: String,
    /// The space it opens.
    pub space: String,
    /// What it may do there.
    pub access: Access,
    /// Whether all it is answered is blind, whatever it asks for.
    pub blind: bool,
}

/// All keys of a server, by hash.
#[derive(Clone, Debug)]
pub struct Keys(HashMap<[u8; 32], Key>);

/// What is wrong with a key file.
#[derive(Debug, PartialEq, Eq)]
pub struct KeysError(String);

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key file: {}", self.0)
    }
}

impl std::error::Error for KeysError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    space: String,
    access: Access,
    #[serde(default)]
    blind: bool,
    sha256: String,
}

impl Keys {
    /// Reads a key file.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let file: File =
            toml::from_str(text).map_err(|error| KeysError(error.message().to_owned()))?;
        let mut keys = HashMap::with_capacity(file.keys.len());
        for entry in file.keys {
            let hash = unhex(&entry.sha256).ok_or_else(|| {
                KeysError(format!(
                    "key `{}`: sha256 is not 64 hexadecimal digits",
                    entry.name
                ))
            })?;
            if !is_space_name(&entry.space) {
                let rule = "a space's name has 1 to 64 of a-z, 0-9, - and _";
                return Err(KeysError(format!("key `{}`: {rule}", entry.name)));
            }
            let key = Key {
                name: entry.name,
                space: entry.space,
                access: entry.access,
                blind: entry.blind,
            };
            if let Some(twin) = keys.insert(hash, key) {
                return Err(KeysError(format!("key `{}` stands there twice", twin.name)));
            }
        }
        if keys.is_empty() {
            return Err(KeysError(
                "no [[keys]]: nobody could use the server; `tandem key` makes one".to_owned(),
            ));
        }
        Ok(Self(keys))
    }

    /// The rights of a key. Comparing hashes tells nothing of how near a guess was.
    pub fn find(&self, key: &str) -> Option<&Key> {
        self.0.get(&hash(key))
    }

    /// The spaces the keys open.
    pub fn spaces(&self) -> BTreeSet<&str> {
        self.0.values().map(|key| key.space.as_str()).collect()
    }
}

/// Whether a space may have this name.
pub fn is_space_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// A key's hash as the key file has it.
pub fn hash_hex(key: &str) -> String {
    hex(&hash(key))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    if rest.is_empty() {
        bytes.try_into().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Keys, hash_hex};

    fn entry(name: &str, space: &str, access: &str, sha256: &str) -> String {
        format!(
            "[[keys]]\nname = \"{name}\"\nspace = \"{space}\"\naccess = \"{access}\"\nsha256 = \"{sha256}\"\n"
        )
    }

    #[test]
    fn a_key_opens_its_space_only() {
        let file = entry("a", "one", "read", &hash_hex("secret"))
            + &entry("b", "two", "write", &hash_hex("other"));
        let keys = Keys::parse(&file).unwrap();
        let key = keys.find("secret").unwrap();
        assert_eq!((key.space.as_str(), key.access), ("one", Access::Read));
        assert!(!key.blind && !keys.find("other").unwrap().blind);
        let blind = Keys::parse(&file.replace("access", "blind = true\naccess")).unwrap();
        assert!(blind.find("secret").unwrap().blind);
        assert!(keys.find("Secret").is_none());
        assert_eq!(keys.spaces().len(), 2);
    }

    #[test]
    fn a_wrong_key_file_says_what_is_wrong() {
        let good = hash_hex("x");
        let cases = [
            (String::new(), "missing field"),
            ("keys = []".to_owned(), "no [[keys]]"),
            (entry("a", "one", "admin", &good), "unknown variant"),
            (entry("a", "One", "read", &good), "1 to 64"),
            (entry("a", "one", "read", "abc"), "64 hexadecimal"),
            (
                entry("a", "one", "read", &good) + &entry("b", "two", "read", &good),
                "twice",
            ),
        ];
        for (text, expected) in cases {
            let error = Keys::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
