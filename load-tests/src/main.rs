//! Load generator for a Tandem server, over HTTP alone.
//!
//! Owns arrivals, connections, latency and reports. Knows nothing of how the
//! server works: it links none of its crates and reads only what docs/api.md
//! promises.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod answers;
mod api;
mod args;
mod bulk;
mod check;
mod client;
mod closed;
mod cold;
mod consistency;
mod documents;
mod error;
mod history;
mod lines;
mod live_args;
mod metrics;
mod mixed;
mod open;
mod process;
mod random;
mod ready;
mod record;
mod report;
mod requests;
mod rounds;
mod sampler;
mod series;
mod step;
mod svg;
mod tail;
mod timer;
mod upsert;
mod words;
mod writes;

use std::process::ExitCode;

use clap::Parser;

use args::{Command, CommandLine};
use error::Error;

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    // One thread: the client shares the machine with the server, and what a
    // second thread would gain the wake-ups between them would cost.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(source) => Err(Error::io("cannot start the runtime", source)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            report::complain(&error);
            ExitCode::from(2)
        }
    }
}

/// Runs a command; whether every answer was right.
async fn run(command: Command) -> Result<bool, Error> {
    match command {
        Command::Search(args) => open::command(requests::Work::Search, &args).await,
        Command::Match(args) => open::command(requests::Work::Match, &args).await,
        Command::Mix(args) => open::command(requests::Work::Mix, &args).await,
        Command::Closed(args) => closed::command(&args).await,
        Command::Step(args) => step::command(&args).await,
        Command::Load(args) => bulk::command(&args).await,
        Command::Mixed(args) => mixed::command(&args).await,
        Command::Upsert(args) => upsert::command(&args).await,
        Command::Consistency(args) => consistency::command(&args).await,
        Command::Rounds(args) => rounds::command(&args).await,
        Command::Tail(args) => tail::command(&args).await,
        Command::Ready(args) => ready::command(&args).await,
    }
}
