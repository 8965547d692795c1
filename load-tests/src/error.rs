//! What stops a run. Answers that are wrong or refused do not: they are counted.

use std::fmt;

/// Why a run could not be made.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line or a file it names has to change.
    Usage(String),
    /// The server is not there, or answers what docs/api.md does not promise.
    Server(String),
    /// The system refused something.
    Io {
        /// What was attempted.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Server(text) => f.write_str(text),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Usage(_) | Self::Server(_) => None,
            Self::Io { source, .. } => Some(source),
        }
    }
}
