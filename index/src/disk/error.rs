//! Why files of the folder cannot be used: one error for every part that writes
//! its own.

use std::fmt;
use std::io;

/// Why a file cannot be used.
#[derive(Debug)]
pub enum FileError {
    /// The system refused something.
    Io {
        /// The file.
        file: String,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        cause: io::Error,
    },
    /// There is no room for a write. It was undone: nothing of it is kept, all
    /// before it is, and later ones may be tried.
    Full {
        /// The file.
        file: String,
        /// Bytes for which there is no room.
        bytes: u64,
    },
    /// The file is not what it must be. All is left as it was found.
    Refused {
        /// The file.
        file: String,
        /// Where in it.
        offset: u64,
        /// Why; never a document's text.
        reason: String,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, doing, cause } => write!(f, "{file}: cannot {doing}: {cause}"),
            Self::Full { file, bytes } => {
                write!(
                    f,
                    "{file}: no room for {bytes} bytes; nothing of them was kept"
                )
            }
            Self::Refused {
                file,
                offset,
                reason,
            } => write!(f, "{file}, byte {offset}: {reason}"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Full { .. } | Self::Refused { .. } => None,
        }
    }
}

/// Whether a write failed for want of room, which may come back.
pub(crate) fn is_full(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        // A limit on the size of a file (`ulimit -f`) ends with the file: the next one has room.
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
