//! Lines that say themselves what they are: `Phone: …`, `Date of birth: …`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::Line;

/// In longer lines (CVs without line ends) a value ends after so many bytes,
/// at the end of a word, unless another label ends it before.
const VALUE_BYTES_MAX: usize = 100;

/// A weak label counts this close to a strong one.
const NEAR_LINES: usize = 6;

const PHONE_BYTES_MAX: usize = 48;

const LABEL_WORDS_MAX: usize = 5;

/// A fact of more words than this is a short one with other text behind it, of
/// which `FACT_WORDS` are cut.
const FACT_WORDS_MAX: usize = 5;
const FACT_WORDS: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A way to a person, in any text, where the value has three digits.
    Phone,
    /// A person to write to, in any text, where the value is short.
    Contact,
    /// An account, where the value is one word.
    Handle,
    /// Means nothing but a fact of a person, anywhere in a CV.
    Strong,
    /// The same, with a value of one or two words.
    Fact,
    /// Can mean something else: at the start of a line in the header of a CV or
    /// near a strong one.
    Weak,
}

/// Labels in lower case, without points and apostrophes, by kind.
const LABELS: [(Kind, &str); 6] = [
    (
        Kind::Phone,
        "phone|phone no|phone number|telephone|telephone no|telephone number|tel|tel no|telefon|telefonnummer|mobile|mobile no|mobile number|mobile phone|mobil|handy|cell|cell phone|fax|whatsapp|contact no|contact number|contact details|téléphone|tél|portable|teléfono|telefono|telefoon|móvil|telefone|ph|ph no|mob",
    ),
    (
        Kind::Contact,
        "contact person|contact name|ansprechpartner|ansprechpartnerin|kontaktperson|personne à contacter|contactpersoon|persona de contacto|recruiter|recruiter name|hiring contact",
    ),
    (
        Kind::Handle,
        "skype|skype id|linkedin|github|twitter|facebook|instagram|telegram",
    ),
    (
        Kind::Strong,
        "date of birth|dob|birth date|birthdate|birthday|born|born on|place of birth|birthplace|place and date of birth|date and place of birth|fathers name|mothers name|husbands name|spouse name|spouses name|wifes name|father name|mother name|father|name of father|passport no|passport number|passport details|ssn|social security number|social security no|driving licence no|driving license no|drivers license no|national id|national id no|permanent address|current address|present address|home address|mailing address|postal address|residential address|full name|first name|last name|surname|family name|given name|given names|middle name|candidate name|geburtsdatum|geburtsort|geboren|geboren am|anschrift|vorname|nachname|date de naissance|lieu de naissance|né le|née le|prénom|fecha de nacimiento|lugar de nacimiento|apellido|apellidos|domicilio|data di nascita|luogo di nascita|cognome|geboortedatum|geboorteplaats|voornaam|achternaam",
    ),
    (
        Kind::Fact,
        "gender|sex|marital status|civil status|nationality|citizenship|religion|caste|blood group|familienstand|staatsangehörigkeit|nationalität|geschlecht|nationalité|situation familiale|situation de famille|état civil|sexe|nacionalidad|estado civil|nazionalità|stato civile|nationaliteit|burgerlijke staat",
    ),
    (
        Kind::Weak,
        "name|address|age|contact|adresse|alter|nom|âge|nombre|dirección|edad|nome|indirizzo|età|naam|adres|leeftijd|website|web|blog|photo|picture|foto|email|e-mail",
    ),
];

static KINDS: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let pairs =
        |&(kind, labels): &(Kind, &'static str)| labels.split('|').map(move |label| (label, kind));
    LABELS.iter().flat_map(pairs).collect()
});

/// One label of a line, with its place in the line.
struct Label {
    kind: Kind,
    start: usize,
    value: usize,
}

/// The labels and values to cut.
pub(super) fn find(text: &str, lines: &[Line], is_person: bool) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut strong = Vec::new();
    let mut weak = Vec::new();
    for line in lines {
        let shown = text.get(line.range.clone()).unwrap_or("");
        let labels = labels(shown);
        // A label counts at the start of the line or after one that counted.
        let mut counts = true;
        for (at, label) in labels.iter().enumerate() {
            let opens = at > 0 || is_start(shown, label.start);
            let next = labels.get(at + 1).map_or(shown.len(), |next| next.start);
            let end = value_end(shown, label, next);
            let value = shown.get(label.value..end).unwrap_or("").trim();
            let range = line.range.start + label.start..line.range.start + end;
            let fits = fits(label.kind, value);
            counts = fits
                && (is_person && matches!(label.kind, Kind::Strong | Kind::Fact)
                    || counts && opens);
            match label.kind {
                Kind::Phone | Kind::Contact | Kind::Handle if counts => ranges.push(range),
                Kind::Strong | Kind::Fact if counts && is_person => {
                    strong.push(line.number);
                    ranges.push(range);
                }
                Kind::Weak if counts && is_person => weak.push((line, range)),
                Kind::Phone
                | Kind::Contact
                | Kind::Handle
                | Kind::Strong
                | Kind::Fact
                | Kind::Weak => {}
            }
        }
    }
    let near = |line: &Line| {
        strong
            .iter()
            .any(|number| number.abs_diff(line.number) <= NEAR_LINES)
    };
    ranges.extend(
        weak.into_iter()
            .filter(|(line, _)| line.is_header() || near(line))
            .map(|(_, range)| range),
    );
    ranges
}

fn fits(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Phone => is_phone_value(value),
        Kind::Contact => (1..=8).contains(&value.split_whitespace().count()),
        Kind::Handle => value.split_whitespace().count() == 1,
        Kind::Strong | Kind::Fact | Kind::Weak => !value.is_empty(),
    }
}

/// A number, or the place of one that was cut before. What is longer is prose
/// with a number in it, which goes by its own shape.
fn is_phone_value(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3 || value.starts_with('[')) && value.len() <= PHONE_BYTES_MAX
}

/// Whether nothing but bullets stands before `at`.
fn is_start(shown: &str, at: usize) -> bool {
    shown
        .get(..at)
        .is_some_and(|before| !before.contains(char::is_alphanumeric))
}

/// The known labels of a line, in order.
fn labels(shown: &str) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (at, colon) in shown.match_indices([':', '：']) {
        let value = at + colon.len();
        let floor = labels.last().map_or(0, |label| label.value);
        if shown
            .get(value..)
            .is_some_and(|rest| rest.starts_with("//"))
        {
            continue;
        }
        if let Some((kind, start)) = shown.get(floor..at).and_then(label_at_end) {
            labels.push(Label {
                kind,
                start: floor + start,
                value,
            });
        }
    }
    labels
}

/// The longest known label the text ends with, and where it starts.
fn label_at_end(before: &str) -> Option<(Kind, usize)> {
    let mut starts = Vec::with_capacity(LABEL_WORDS_MAX);
    let mut end = before.trim_end().len();
    while starts.len() < LABEL_WORDS_MAX && end > 0 {
        let head = before.get(..end)?;
        let is_gap = |letter: char| letter.is_whitespace() || "•*●▪·–|,;.(".contains(letter);
        let gap = head.trim_end_matches(is_gap).len();
        let word = head.get(..gap)?.rfind(is_gap).map_or(0, |at| {
            at + head
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
        if gap == 0 {
            break;
        }
        starts.push(word);
        end = word;
    }
    starts.into_iter().rev().find_map(|start| {
        let label = before
            .get(start..)?
            .trim_end()
            .to_lowercase()
            .replace(['.', '\'', '’'], "");
        KINDS.get(label.as_str()).map(|&kind| (kind, start))
    })
}

/// Where a value ends: at the next known label, at any other word with a colon,
/// after the words of a fact, or, in a long line, after `VALUE_BYTES_MAX` bytes.
fn value_end(shown: &str, label: &Label, next: usize) -> usize {
    let rest = shown.get(label.value..next).unwrap_or("");
    let is_long = rest.len() > 2 * VALUE_BYTES_MAX;
    let words_max = if label.kind == Kind::Fact && rest.split_whitespace().count() > FACT_WORDS_MAX
    {
        FACT_WORDS
    } else {
        usize::MAX
    };
    let mut end = 0;
    let mut words = 0;
    for word in rest.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let is_label = bare.len() > 3
            && bare.ends_with(':')
            && bare.starts_with(char::is_uppercase)
            && end > 0;
        if is_label || words == words_max || is_long && end > VALUE_BYTES_MAX {
            break;
        }
        end += word.len();
        words += usize::from(!bare.is_empty());
    }
    label.value + rest.get(..end).unwrap_or("").trim_end().len()
}
