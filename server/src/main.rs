//! The binary `tandem`.

use std::process::ExitCode;

/// Many short-lived strings a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tandem_server::cli::main()
}
