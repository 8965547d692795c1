//! `tandem key`: makes a key. The key goes to standard error, its entry for the
//! key file to standard output.

use clap::Args;

use super::error::{CliError, Exit};
use super::print;
use crate::keys::{hash_hex, hex, is_space_name};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The key's name, for the file's reader
    #[arg(long)]
    name: String,
    /// The space it opens
    #[arg(long, default_value = "default")]
    space: String,
    /// What it may do: read or write
    #[arg(long, default_value = "read", value_parser = ["read", "write"])]
    access: String,
    /// Show it documents about people without names, contacts, ages and the like, whatever it asks
    #[arg(long)]
    blind: bool,
    /// Key and entry as JSON on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    if !is_space_name(&options.space) {
        let what = format!(
            "--space {}: a space's name has 1 to 64 of a-z, 0-9, - and _",
            options.space
        );
        return Err(CliError::new(Exit::Usage, what));
    }
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random)
        .map_err(|cause| CliError::new(Exit::Failed, format!("no randomness: {cause}")))?;
    let key = format!("tdm_{}", hex(&random));
    if options.json {
        let made = serde_json::json!({"key": key, "name": options.name, "space": options.space,
            "access": options.access, "blind": options.blind, "sha256": hash_hex(&key)});
        print::line(&made.to_string())?;
        return Ok(Exit::Done);
    }
    // A JSON string is a TOML string too.
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    print::note(&format!("key (shown once): {key}"));
    let blind = if options.blind { "\nblind = true" } else { "" };
    print::line(&format!(
        "[[keys]]\nname = {}\nspace = {}\naccess = {}{blind}\nsha256 = \"{}\"",
        quote(&options.name),
        quote(&options.space),
        quote(&options.access),
        hash_hex(&key)
    ))?;
    Ok(Exit::Done)
}
