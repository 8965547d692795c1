//! `tandem taxonomy`: a space's overlay of the taxonomy, shown, put, taken away,
//! and checked without a server. Owns options and what is printed.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tandem_index::taxonomy::{self, Form, Put};

use super::client::Server;
use super::error::{CliError, Exit};
use super::print;
use crate::read_json::{self, Strict};

const PATH: &str = "/v1/taxonomy";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the overlay of the space and what is under it
    Get(Get),
    /// Put an overlay in the place of the one there is
    Put(PutOptions),
    /// Take the overlay away
    Delete(Delete),
    /// Check an overlay without a server, and say all that is wrong with it
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Get {
    /// The overlay as it was put and nothing else
    #[arg(long, conflicts_with = "json")]
    text: bool,
    /// The server's JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Args)]
pub(super) struct PutOptions {
    /// The overlay: JSON in a file that ends with .json, else TOML; - is standard input
    file: PathBuf,
    /// Only if this version is held
    #[arg(long, value_name = "VERSION")]
    if_match: Option<u64>,
    /// The server's JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// Only if this version is held
    #[arg(long, value_name = "VERSION")]
    if_match: Option<u64>,
    /// The server's JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The overlay: JSON in a file that ends with .json, else TOML; - is standard input
    file: PathBuf,
    /// What was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> Result<Exit, CliError> {
    match command {
        Command::Get(options) => get(options),
        Command::Put(options) => put(options),
        Command::Delete(options) => delete(options),
        Command::Check(options) => check(options),
    }
}

fn get(options: &Get) -> Result<Exit, CliError> {
    let answer = options.server.ask("GET", PATH, None)?;
    let overlay = &answer["overlay"];
    if options.text {
        let Some(text) = overlay["text"].as_str() else {
            return Err(CliError::new(Exit::Failed, "this space has no overlay"));
        };
        print::raw(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    if options.json || !print::is_terminal() {
        print::line(&answer.to_string())?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![format!(
        "{} skills ({} linked), {} occupations; O*NET {}",
        answer["skills"],
        answer["skills_linked"],
        answer["occupations"],
        answer["onet"].as_str().unwrap_or_default()
    )];
    let esco = &answer["esco"];
    if let Some(version) = esco["version"].as_str() {
        lines.push(format!(
            "ESCO {version}: {} skills, {} links, {} occupations, {} titles",
            esco["skills"], esco["links"], esco["occupations"], esco["titles"]
        ));
    }
    match overlay["text"].as_str() {
        None => lines.push("no overlay".to_owned()),
        Some(text) => {
            lines.push(format!(
                "overlay, version {}: {} skills, {} links, {} titles\n",
                answer["version"], overlay["skills"], overlay["links"], overlay["titles"]
            ));
            lines.push(text.trim_end().to_owned());
        }
    }
    print::line(&lines.join("\n"))?;
    for fault in overlay["faults"].as_array().into_iter().flatten() {
        let part = |name: &str| fault[name].as_str().unwrap_or_default();
        print::note(&format!(
            "left out: {}: {}",
            part("pointer"),
            part("detail")
        ));
    }
    Ok(Exit::Done)
}

fn put(options: &PutOptions) -> Result<Exit, CliError> {
    let (text, form) = read(&options.file)?;
    let media_type = match form {
        Form::Toml => "application/toml",
        Form::Json => "application/json",
    };
    let body = (media_type, text.into_bytes());
    let answer = options.server.ask_if("PUT", PATH, body, options.if_match)?;
    written(&answer, options.json)
}

fn delete(options: &Delete) -> Result<Exit, CliError> {
    let body = ("application/json", Vec::new());
    let server = &options.server;
    let answer = server.ask_if("DELETE", PATH, body, options.if_match)?;
    written(&answer, options.json)
}

fn written(answer: &Value, json: bool) -> Result<Exit, CliError> {
    if json || !print::is_terminal() {
        print::line(&answer.to_string())?;
    } else {
        let part = |name: &str| answer[name].as_str().unwrap_or_default();
        let (result, sequence) = (part("result"), part("sequence"));
        let version = &answer["version"];
        print::line(&format!(
            "{result}: version {version}, visible at {sequence}"
        ))?;
    }
    Ok(Exit::Done)
}

fn check(options: &Check) -> Result<Exit, CliError> {
    let (text, form) = read(&options.file)?;
    let mut faults: Vec<Value> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    // A member given twice is told by this reader alone.
    let members = match form {
        Form::Json => read_json::read(&mut text.clone().into_bytes()).map(|Strict(_)| ()),
        Form::Toml => Ok(()),
    };
    let checked = match members {
        Ok(()) => taxonomy::base().taking(Put { form, text }),
        Err(refusal) => {
            for fault in refusal.errors {
                told.push(
                    format!("{} {}", fault.pointer, fault.detail)
                        .trim()
                        .to_owned(),
                );
                faults.push(json!({"pointer": fault.pointer, "detail": fault.detail}));
            }
            Err(Vec::new())
        }
    };
    let counts = checked.as_ref().map(taxonomy::Taxonomy::counts);
    for fault in checked.as_ref().err().into_iter().flatten() {
        told.push(fault.to_string());
        let mut said = json!({"pointer": fault.pointer(), "detail": fault.text});
        if let Some(meant) = &fault.meant {
            said["did_you_mean"] = json!(meant);
        }
        faults.push(said);
    }
    let json = options.json || !print::is_terminal();
    let Ok(counts) = counts else {
        if json {
            print::line(&json!({"whole": false, "errors": faults}).to_string())?;
        }
        let file = options.file.display();
        let what = format!("{file}: {} wrong\n  {}", told.len(), told.join("\n  "));
        return Err(CliError::new(Exit::Failed, what));
    };
    let (skills, links, titles) = (counts.skills, counts.links, counts.titles);
    if json {
        let said = json!({"whole": true, "errors": [], "skills": skills, "links": links, "titles": titles});
        print::line(&said.to_string())?;
    } else {
        print::line(&format!(
            "whole: {skills} skills, {links} links, {titles} titles"
        ))?;
    }
    Ok(Exit::Done)
}

/// A file's text, and the form its name says; of standard input, its first sign.
fn read(path: &Path) -> Result<(String, Form), CliError> {
    let failed =
        |cause: &std::io::Error| CliError::io(&format!("cannot read {}", path.display()), cause);
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|cause| failed(&cause))?;
        text
    } else {
        std::fs::read_to_string(path).map_err(|cause| failed(&cause))?
    };
    let is_json = match path.extension() {
        Some(extension) => extension.eq_ignore_ascii_case("json"),
        None => path.as_os_str() == "-" && text.trim_start().starts_with('{'),
    };
    Ok((text, if is_json { Form::Json } else { Form::Toml }))
}
