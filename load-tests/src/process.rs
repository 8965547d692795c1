//! CPU time and memory of a process, from /proc. Linux only: elsewhere the
//! files are missing and a run says so.

use crate::error::Error;

/// Clock ticks per second in /proc: USER_HZ, 100 on every architecture we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process has used since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// User and system time of all its threads, to 10 ms.
    pub(crate) cpu_seconds: f64,
    /// Resident memory.
    pub(crate) rss_bytes: u64,
}

/// Usage of a process. Errors: no such process, or no /proc.
pub(crate) fn usage(pid: u32) -> Result<Usage, Error> {
    let read = |file: &str| {
        let path = format!("/proc/{pid}/{file}");
        std::fs::read_to_string(&path)
            .map_err(|source| Error::io(format!("cannot read {path}"), source))
    };
    let malformed = || Error::Usage(format!("/proc/{pid}/stat is not as expected"));
    Ok(Usage {
        cpu_seconds: cpu_seconds(&read("stat")?).ok_or_else(malformed)?,
        // A process that has ended but is not yet collected has no VmRSS line.
        rss_bytes: rss_bytes(&read("status")?).unwrap_or(0),
    })
}

/// CPU seconds of this process, 0 where /proc is missing.
pub(crate) fn own_cpu_seconds() -> f64 {
    usage(std::process::id()).map_or(0.0, |usage| usage.cpu_seconds)
}

/// Fields 14 and 15 of a stat line. They are counted from the last bracket:
/// the command name in front of it may hold spaces and brackets itself.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64 / TICKS_PER_SECOND)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_behind_the_command_name() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 150 25 9 9 20 0 5 0";
        assert_eq!(cpu_seconds(stat), Some(1.75));
        assert_eq!(cpu_seconds("42 (x) S 1"), None);
        assert_eq!(cpu_seconds(""), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(
            rss_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"),
            Some(2_097_152)
        );
        assert_eq!(rss_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        let error = usage(u32::MAX).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /proc/4294967295/stat"));
    }
}
