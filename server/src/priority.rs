//! Which threads go first where all of them want a core. Owns the priorities of
//! threads; on Linux alone, where a thread has one of its own: elsewhere the whole
//! process would be slowed.

/// What a thread works for, the first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody waits for an answer of a few milliseconds.
    Answers,
    /// Reading and analysing what is written: a bulk request is many at once.
    Writes,
    /// Merges, training, checkpoints: nobody waits.
    Background,
}

impl Priority {
    // How nice it is, see nice(2): with 5 more a thread gets about a third of the time
    // another gets, where both want a core.
    #[cfg(target_os = "linux")]
    fn nice(self) -> i32 {
        match self {
            Self::Answers => 0,
            Self::Writes => 5,
            Self::Background => 10,
        }
    }

    /// Gives it to the calling thread, and to those it starts. Once for a thread.
    pub fn take(self) {
        #[cfg(target_os = "linux")]
        if self != Self::Answers
            && let Err(cause) = rustix::process::nice(self.nice())
        {
            tracing::debug!(%cause, priority = ?self, "a thread has the priority of those that answer");
        }
    }
}
