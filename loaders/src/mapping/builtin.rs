//! The mappings that come with Tandem, for public data sets and feeds.

use std::sync::LazyLock;

use super::Mapping;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../mappings/", $name, ".toml")))),+]
    };
}

/// Sorted by name.
static FILES: [(&str, &str); 8] = files![
    "ashby",
    "greenhouse",
    "jobs_hn_2023",
    "jobs_hn_whoishiring",
    "jobs_structured",
    "jobs_usajobs",
    "lever",
    "resumes_livecareer",
];

static MAPPINGS: LazyLock<Vec<(&str, Mapping)>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, text)| {
            let mapping = Mapping::parse(text).expect("a test parses every built-in mapping");
            (*name, mapping)
        })
        .collect()
});

pub(super) fn find(name: &str) -> Option<&'static Mapping> {
    let mappings = &*MAPPINGS;
    mappings
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, mapping)| mapping)
}

pub(super) fn text(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, text)| *text)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_mapping_parses_and_is_found() {
        assert!(FILES.is_sorted());
        for (name, text) in FILES {
            let mapping = Mapping::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(
                mapping.about().is_some() && mapping.kind().is_some(),
                "{name}"
            );
            assert!(mapping.fields().contains("id"), "{name}");
            assert!(Mapping::builtin(name).is_some());
        }
        let error = Mapping::no_builtin("jobs_usajob");
        assert_eq!(error.did_you_mean.as_deref(), Some("jobs_usajobs"));
    }
}
