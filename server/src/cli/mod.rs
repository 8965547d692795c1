//! The command line. Owns options, tables and exit codes; everything it shows
//! comes from a server over HTTP, but for `demo`, `sample`, and what looks after
//! data folders: `snapshot` and `verify`.

mod applied;
mod ask;
mod away;
mod changes;
mod client;
mod demo;
mod error;
mod esco;
mod eval;
mod evidence;
mod explain;
mod filters;
mod help;
mod key;
mod load;
mod map;
mod options;
mod print;
mod sample;
mod serve;
mod snapshot;
mod table;
mod taxonomy;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub use error::{CliError, Exit};

/// Finds and matches jobs and candidates, and explains every point of the score.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, about, after_help = help::TANDEM)]
struct Cli {
    /// When output is coloured: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        value_enum,
        hide_possible_values = true,
        display_order = 1000
    )]
    color: print::Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a server
    #[command(after_help = help::SERVE)]
    Serve(serve::Options),
    /// Run a server with made-up jobs and candidates to try things on
    #[command(after_help = help::DEMO)]
    Demo(demo::Options),
    /// Load NDJSON, JSON, CSV, Parquet or XLSX files into a running server
    Load(load::Options),
    /// Propose a mapping for a table, and show the documents it makes
    Map(map::Options),
    /// Search one kind
    #[command(after_help = help::SEARCH)]
    Search(ask::SearchOptions),
    /// Match a document against the documents of a kind
    #[command(after_help = help::MATCH)]
    Match(ask::MatchOptions),
    /// Score exhaustively: all documents, a filter or an id list
    #[command(after_help = help::RANK)]
    Rank(ask::RankOptions),
    /// Show the parts of one pair's score
    #[command(after_help = help::EXPLAIN)]
    Explain(ask::ExplainOptions),
    /// Show how what is being typed could go on
    #[command(after_help = help::SUGGEST)]
    Suggest(ask::SuggestOptions),
    /// Write every hit of a search or a match as CSV or NDJSON
    #[command(after_help = help::EXPORT)]
    Export(Box<ask::ExportOptions>),
    /// Show what has changed, or follow it
    #[command(after_help = help::CHANGES)]
    Changes(changes::Options),
    /// Measure ranking quality on judged topics
    #[command(after_help = help::EVAL)]
    Eval(eval::Options),
    /// Print made-up jobs and candidates as NDJSON
    #[command(after_help = help::SAMPLE)]
    Sample(sample::Options),
    /// Save a backup beside a running server, or restore one
    #[command(subcommand, after_help = help::SNAPSHOT)]
    Snapshot(snapshot::Command),
    /// Check every byte of a data folder or a backup, or look for a text in it
    #[command(after_help = help::VERIFY)]
    Verify(verify::Options),
    /// Show, put, delete or check what a space puts over the taxonomy of skills and titles
    #[command(subcommand, after_help = help::TAXONOMY)]
    Taxonomy(taxonomy::Command),
    /// Make a key and print its entry for the key file
    #[command(after_help = help::KEY)]
    Key(key::Options),
    /// Print the API's description (OpenAPI 3.1, JSON)
    #[command(after_help = help::OPENAPI)]
    Openapi,
    /// Print a shell's completions
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the version
    #[command(after_help = help::VERSION)]
    Version {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    print::set_color(cli.color);
    let done = match cli.command {
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Load(options) => load::run(&options),
        Command::Map(options) => map::run(&options),
        Command::Search(options) => ask::search(&options),
        Command::Match(options) => ask::match_(&options),
        Command::Rank(options) => ask::rank(&options),
        Command::Explain(options) => ask::explain(&options),
        Command::Suggest(options) => ask::suggest(&options),
        Command::Export(options) => ask::export(&options),
        Command::Changes(options) => changes::run(&options),
        Command::Eval(options) => eval::run(&options),
        Command::Sample(options) => sample::run(&options),
        Command::Snapshot(command) => snapshot::run(&command),
        Command::Verify(options) => verify::run(&options),
        Command::Taxonomy(command) => taxonomy::run(&command),
        Command::Key(options) => key::run(&options),
        Command::Openapi => print::bytes(crate::http::openapi_document()).map(|()| Exit::Done),
        Command::Completions { shell } => completions(shell),
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

fn completions(shell: Shell) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tandem", &mut script);
    print::raw(&script)?;
    Ok(Exit::Done)
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
