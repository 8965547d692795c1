//! Why a command failed, and with which exit code.

use std::fmt;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As asked for.
    Done,
    /// It failed.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// The server cannot be reached.
    Unreachable,
    /// The server refused the request.
    Refused,
    /// Some lines were rejected.
    Rejected,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
            Exit::Refused => 4,
            Exit::Rejected => 5,
        })
    }
}

/// Why a command failed and what to do.
#[derive(Debug)]
pub struct CliError {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub what: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
    /// Whether the same may be taken in a moment.
    pub passes: bool,
}

impl CliError {
    /// A failure.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            hint: None,
            passes: exit == Exit::Unreachable,
        }
    }

    /// A failure because of an input or output.
    pub fn io(doing: &str, cause: &std::io::Error) -> Self {
        Self::new(Exit::Failed, format!("{doing}: {cause}"))
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CliError {}
