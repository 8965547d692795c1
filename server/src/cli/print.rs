//! Standard output and error of the command line. A reader that went away
//! (`tandem … | head`) ends a command quietly.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use clap::ValueEnum;

use super::error::{CliError, Exit};

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also into a pipe or a file
    Always,
    /// Never
    Never,
}

/// What `--color` says; the same for the whole process.
static COLOR: OnceLock<Color> = OnceLock::new();

/// Sets when output is coloured; the first call counts.
pub(super) fn set_color(color: Color) {
    COLOR.get_or_init(|| color);
}

/// Writes bytes as they are. False when nobody reads any more.
pub(super) fn raw(bytes: &[u8]) -> Result<bool, CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(CliError::io("standard output", &cause)),
        Ok(()) => Ok(true),
    }
}

/// Writes bytes and a line end.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut line = bytes.to_vec();
    line.push(b'\n');
    raw(&line).map(|_read| ())
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
    let head = if coloured(io::stderr().is_terminal()) {
        "\u{1b}[1;31mtandem:\u{1b}[0m"
    } else {
        "tandem:"
    };
    note(&format!("{head} {error}"));
}

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether colours are welcome on standard output.
pub(super) fn has_colours() -> bool {
    coloured(is_terminal())
}

fn coloured(terminal: bool) -> bool {
    let plain = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    match COLOR.get().copied().unwrap_or(Color::Auto) {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            terminal && wanted && !plain("TERM", "dumb")
        }
    }
}

/// Columns of the terminal.
pub(super) fn width() -> usize {
    terminal_size::terminal_size()
        .map_or(100, |(width, _)| usize::from(width.0))
        .max(40)
}
