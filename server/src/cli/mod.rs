//! The command line. Owns options, tables and exit codes; everything it shows
//! comes from a server over HTTP, but for `demo` and `sample`.

mod ask;
mod client;
mod demo;
mod error;
mod eval;
mod filters;
mod key;
mod load;
mod map;
mod print;
mod sample;
mod serve;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::{CliError, Exit};

/// Finds and matches jobs and candidates, and explains every point of the score.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, about, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the server cannot be reached; \
    4 the server refused the request; 5 some lines were rejected.\n\
    Environment: TANDEM_URL and TANDEM_KEY stand in for --url and --key; NO_COLOR turns colours off.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a server
    Serve(serve::Options),
    /// Run a server with made-up jobs and candidates to try things on
    Demo(demo::Options),
    /// Load NDJSON files into a running server
    Load(load::Options),
    /// Propose a mapping for a table, and show the documents it makes
    Map(map::Options),
    /// Search one kind
    Search(ask::SearchOptions),
    /// Match a document against the documents of a kind
    Match(ask::MatchOptions),
    /// Score exhaustively: all documents, a filter or an id list
    Rank(ask::RankOptions),
    /// Show the parts of one pair's score
    Explain(ask::ExplainOptions),
    /// Measure ranking quality on judged topics
    Eval(eval::Options),
    /// Print made-up jobs and candidates as NDJSON
    Sample(sample::Options),
    /// Make a key and print its entry for the key file
    Key(key::Options),
    /// Print the API's description (OpenAPI 3.1)
    Openapi,
    /// Print the version
    Version {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Load(options) => load::run(&options),
        Command::Map(options) => map::run(&options),
        Command::Search(options) => ask::search(&options),
        Command::Match(options) => ask::match_(&options),
        Command::Rank(options) => ask::rank(&options),
        Command::Explain(options) => ask::explain(&options),
        Command::Eval(options) => eval::run(&options),
        Command::Sample(options) => sample::run(&options),
        Command::Key(options) => key::run(&options),
        Command::Openapi => print::bytes(crate::http::openapi_document()).map(|()| Exit::Done),
        Command::Version { json } => version(json),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            print::error(&error);
            error.exit.into()
        }
    }
}

fn version(json: bool) -> Result<Exit, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        print::line(&serde_json::json!({"name": "tandem", "version": version}).to_string())?;
    } else {
        print::line(&format!("tandem {version}"))?;
    }
    Ok(Exit::Done)
}
