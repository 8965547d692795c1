//! Which kind the documents of a load are of, and its fields: as said, as the
//! server knows it, or as is proposed for the first file.

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tandem_loaders::format::{Files, Input, Options as Reading, open};
use tandem_loaders::intake::{looked_at, sample};
use tandem_loaders::mapping::Field;
use tandem_loaders::mapping::propose::best;

use super::Options;
use crate::cli::client::Server;
use crate::cli::error::{CliError, Exit};
use crate::cli::print;
use crate::suggest;
use crate::wire::answer;

/// Records a kind is told from.
const SAMPLE_RECORDS: usize = 200;

/// The kind `tandem map` would propose for the first file with a record, and
/// what was read of standard input where that was looked at. Where nothing has
/// one, it is whichever kind comes first: the load says of each file why.
pub(super) fn proposed_kind(
    files: &Files,
    reading: &Reading,
    known: &[(String, Vec<Field>)],
) -> Result<(String, Vec<u8>), CliError> {
    // Standard input comes once: it is looked at last, and what is read is kept.
    let (piped, named): (Vec<&PathBuf>, Vec<&PathBuf>) =
        files.found.iter().partition(|path| path.as_os_str() == "-");
    let found = named.into_iter().find_map(|path| {
        let kind = kind_told(Input::File(path.clone()), reading, known)?;
        Some((path.display().to_string(), kind))
    });
    let seen = Arc::default();
    let found = found.or_else(|| {
        let name = piped.first()?.display().to_string();
        let kept = Kept(Arc::clone(&seen));
        let kind = kind_told(Input::Stream(Box::new(kept)), reading, known)?;
        Some((name, kind))
    });
    if let Some((name, kind)) = &found {
        print::note(&format!("{name}: taken for {kind}; --kind says otherwise"));
    }
    let kind = found
        .map(|(_, kind)| kind)
        .or_else(|| known.first().map(|(kind, _)| kind.clone()))
        .ok_or_else(|| {
            let say = "say which kind the documents are of: --kind KIND";
            CliError::new(Exit::Usage, say)
        })?;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((kind, std::mem::take(&mut *seen)))
}

/// The kind that is proposed for a source; `None` where nothing of it can be
/// read.
fn kind_told(input: Input, reading: &Reading, known: &[(String, Vec<Field>)]) -> Option<String> {
    let mut reader = open(input, reading).ok()?;
    let sample = sample(&mut reader, SAMPLE_RECORDS);
    let (records, columns, _) = looked_at(&reader, sample.into_iter().flatten().collect());
    let kinds = known
        .iter()
        .map(|(kind, fields)| (kind.as_str(), fields.as_slice()));
    best(kinds, &columns, &records)
        .filter(|_| !records.is_empty())
        .map(|proposal| proposal.kind)
}

/// Standard input, of which all that is read is kept.
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Read for Kept {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let read = std::io::stdin().read(room)?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(room.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The kinds a dry run checks against.
pub(super) fn kinds_of(options: &Options) -> Result<tandem_index::Kinds, CliError> {
    let Some(path) = &options.kinds else {
        return Ok(tandem_index::Kinds::builtin());
    };
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| CliError::io(&format!("cannot read {name}"), &cause))?;
    tandem_index::Kinds::parse(&text)
        .map_err(|error| CliError::new(Exit::Usage, format!("{name}: {error}")))
}

/// The fields of a kind among those that are known.
pub(super) fn fields_named(
    known: &[(String, Vec<Field>)],
    kind: &str,
    is_dry: bool,
) -> Result<Vec<Field>, CliError> {
    if let Some((_, fields)) = known.iter().find(|(name, _)| name == kind) {
        return Ok(fields.clone());
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let mut what = if is_dry {
        format!("there is no kind {kind}")
    } else {
        format!("the server has no kind {kind}")
    };
    if let Some(name) = suggest::nearest(kind, names.iter().copied()) {
        what.extend(["; did you mean ", &name, "?"]);
    }
    let names = names.join(", ");
    Err(if is_dry {
        CliError::new(Exit::Usage, format!("{what}; there are {names}"))
            .hint("a dry run asks no server; --kinds FILE names the kinds of yours")
    } else {
        CliError::new(Exit::Refused, what).hint(format!("it has {names}"))
    })
}

/// The kinds of the server the documents go to, with their fields.
pub(super) fn ask_kinds(server: &Server) -> Result<Vec<(String, Vec<Field>)>, CliError> {
    let answer = server.ask("GET", "/v1/kinds", None)?;
    let kinds: answer::Kinds = serde_json::from_value(answer).map_err(|cause| {
        CliError::new(
            Exit::Failed,
            format!("the server's kinds are not understood: {cause}"),
        )
    })?;
    let kinds = kinds.kinds.into_iter().map(|kind| {
        let fields = kind.fields.into_iter().map(|field| Field {
            name: field.name,
            field_type: field.kind_of,
            meaning: field.meaning,
        });
        (kind.name, fields.collect())
    });
    Ok(kinds.collect())
}
