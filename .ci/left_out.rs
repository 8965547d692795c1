//! How a test says what it leaves out on this machine. Every test binary that
//! has such tests includes this file. cargo keeps to itself what a test that
//! passes prints, so `.ci/test` names a file, and prints what stands in it last.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Says that the test this is called on (on its own thread) left something out:
/// `what`, with the reason, in words that go on behind the test's name. On
/// stderr, and in the file `TANDEM_TEST_LEFT_OUT` names.
#[expect(clippy::print_stderr, reason = "beside what the test prints")]
pub(crate) fn left_out(what: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a thread without a name");
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("{} {test}: {what}\n", env!("CARGO_PKG_NAME"));
    eprint!("left out: {line}");
    if let Some(path) = std::env::var_os("TANDEM_TEST_LEFT_OUT") {
        let file = OpenOptions::new().append(true).create(true).open(&path);
        // Nothing may look complete that is not.
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    }
}
