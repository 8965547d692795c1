//! Standard output and error of the command line. A reader that went away
//! (`tandem … | head`) ends a command quietly.

use std::io::{self, IsTerminal, Write};

use super::error::{CliError, Exit};

/// Writes bytes and a line end.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(bytes)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    match written {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::io("standard output", &cause))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line.
pub(super) fn line(text: &str) -> Result<(), CliError> {
    bytes(text.as_bytes())
}

/// Writes a line to standard error.
pub(super) fn note(text: &str) {
    // Where there is nobody to tell there is nothing to do.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Says why a command failed.
pub(super) fn error(error: &CliError) {
    debug_assert!(
        error.exit != Exit::Done,
        "a failure has an exit code of its own"
    );
    note(&format!("tandem: {error}"));
}

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether colours are welcome.
pub(super) fn has_colours() -> bool {
    is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Columns of the terminal.
pub(super) fn width() -> usize {
    terminal_size::terminal_size()
        .map_or(100, |(width, _)| usize::from(width.0))
        .max(40)
}
