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

/// Bytes a process has had fetched from a disk, none where nobody counts them.
pub(crate) fn disk_bytes(pid: u32) -> Option<u64> {
    read_bytes(&std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?)
}

fn read_bytes(io: &str) -> Option<u64> {
    let line = io
        .lines()
        .find_map(|line| line.strip_prefix("read_bytes:"))?;
    line.trim().parse().ok()
}

/// CPU seconds of this process, 0 where /proc is missing.
pub(crate) fn own_cpu_seconds() -> f64 {
    usage(std::process::id()).map_or(0.0, |usage| usage.cpu_seconds)
}

/// Time since a process started, to 10 ms.
pub(crate) fn age(pid: u32) -> Result<std::time::Duration, Error> {
    let read = |path: String| {
        std::fs::read_to_string(&path)
            .map_err(|source| Error::io(format!("cannot read {path}"), source))
    };
    let stat = read(format!("/proc/{pid}/stat"))?;
    let uptime = read("/proc/uptime".to_owned())?;
    age_seconds(&stat, &uptime)
        .map(std::time::Duration::from_secs_f64)
        .ok_or_else(|| Error::Usage(format!("/proc/{pid}/stat is not as expected")))
}

/// Field 22 of a stat line, ticks since the system started, against the first of
/// its uptime.
fn age_seconds(stat: &str, uptime: &str) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let start: u64 = behind.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let uptime: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
    Some((uptime - start as f64 / TICKS_PER_SECOND).max(0.0))
}

/// Tells a process to end: SIGKILL at once, else SIGTERM.
pub(crate) fn end(pid: u32, at_once: bool) -> Result<(), Error> {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = if at_once { Signal::KILL } else { Signal::TERM };
    let known = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = known.ok_or_else(|| Error::Usage(format!("{pid} is no process id")))?;
    kill_process(pid, signal).map_err(|error| Error::io("cannot end the command", error.into()))
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
    fn an_age_is_the_systems_less_the_start() {
        let stat = "42 (a) b) S 1 42 42 0 -1 0 1 2 3 4 150 25 9 9 20 0 5 0 12345 7";
        let age = age_seconds(stat, "200.70 300.00\n").unwrap();
        assert!((age - 77.25).abs() < 1e-9, "{age}");
        assert_eq!(age_seconds(stat, "1.0 2.0"), Some(0.0));
        assert_eq!(age_seconds("42 (a) S", "1.0 2.0"), None);
    }

    #[test]
    fn what_came_from_a_disk_is_told_from_what_was_read() {
        let io = "rchar: 900\nwchar: 1\nread_bytes: 4096\nwrite_bytes: 8\n";
        assert_eq!(read_bytes(io), Some(4_096));
        assert_eq!(read_bytes("rchar: 900\n"), None);
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
