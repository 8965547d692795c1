//! Lines that say themselves what they are: `Phone: …`, `Date of birth: …`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::shape::looks_like_name;
use super::{Cut, Line, Mark};

/// In longer lines (CVs without line ends) a value ends after so many bytes,
/// at the end of a word, unless another label ends it before.
const VALUE_BYTES_MAX: usize = 100;

/// A weak label counts this close to a strong one.
const NEAR_LINES: usize = 6;

const PHONE_BYTES_MAX: usize = 48;

/// A declaration with the writer's name stands among the last lines.
const LAST_LINES: usize = 12;

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
    /// A person in a CV, where the value begins with what looks like a name, which
    /// alone is cut.
    Named,
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
const LABELS: [(Kind, &str); 7] = [
    (
        Kind::Phone,
        "phone|phone no|phone number|telephone|telephone no|telephone number|tel|tel no|telefon|telefonnummer|mobile|mobile no|mobile number|mobile phone|mobil|handy|cell|cell phone|fax|whatsapp|contact no|contact number|contact details|téléphone|tél|portable|teléfono|telefono|telefoon|móvil|telefone|ph|ph no|mob",
    ),
    (
        Kind::Contact,
        "contact person|contact name|ansprechpartner|ansprechpartnerin|kontaktperson|personne à contacter|contactpersoon|persona de contacto|recruiter|recruiter name|hiring contact",
    ),
    (
        Kind::Named,
        "reference|references|referee|referees|supervisor|manager|line manager|reporting to|reports to|reported to|signature|signed|signed by|prepared by|submitted by|candidate|applicant|contact|attn|author|referenzen|unterschrift|vorgesetzter|références|referencias",
    ),
    (
        Kind::Handle,
        "skype|skype id|linkedin|github|twitter|facebook|instagram|telegram",
    ),
    (
        Kind::Strong,
        "date of birth|dob|birth date|birthdate|birthday|born|born on|place of birth|birthplace|place and date of birth|date and place of birth|fathers name|mothers name|husbands name|spouse name|spouses name|wifes name|father name|mother name|father|name of father|passport no|passport number|passport details|ssn|social security number|social security no|driving licence no|driving license no|drivers license no|national id|national id no|permanent address|current address|present address|home address|mailing address|postal address|residential address|full name|first name|last name|surname|family name|given name|given names|middle name|candidate name|geburtsdatum|geburtsort|geboren|geboren am|anschrift|vorname|nachname|date de naissance|lieu de naissance|né le|née le|prénom|fecha de nacimiento|lugar de nacimiento|apellido|apellidos|domicilio|data di nascita|luogo di nascita|cognome|geboortedatum|geboorteplaats|voornaam|achternaam|nom et prénom|nom et prénoms|nom complet|nombre completo|nombre y apellidos|nome completo|nome e cognome|data de nascimento|imię i nazwisko|nazwisko|data urodzenia|miejsce urodzenia|adı soyadı|ad soyad|ad-soyad|doğum tarihi|doğum yeri|họ và tên|họ tên|ngày sinh|姓名|出生日期|出生年月|生年月日|氏名|이름|성명|생년월일|الاسم|الاسم الكامل|تاريخ الميلاد|مكان الميلاد|नाम|जन्म तिथि|полное имя|фио|дата рождения",
    ),
    (
        Kind::Fact,
        "gender|sex|marital status|civil status|nationality|citizenship|religion|caste|blood group|familienstand|staatsangehörigkeit|nationalität|geschlecht|nationalité|situation familiale|situation de famille|état civil|sexe|nacionalidad|estado civil|nazionalità|stato civile|nationaliteit|burgerlijke staat|género|genre|narodowość|stan cywilny|płeć|cinsiyet|medeni hali|medeni durumu|uyruk|estado civil|nacionalidade|gênero|giới tính|tình trạng hôn nhân|quốc tịch|dân tộc|性别|民族|婚姻状况|政治面貌|籍贯|国籍|الجنس|الجنسية|الحالة الاجتماعية|लिंग|пол|семейное положение|number of children|konfession|ethnicity|sexual orientation",
    ),
    (
        Kind::Weak,
        "name|address|age|adresse|alter|nom|âge|nombre|dirección|edad|nome|indirizzo|età|naam|adres|leeftijd|website|web|blog|photo|photograph|picture|foto|lichtbild|email|e-mail|imię|wiek|yaş|idade|dirección|endereço|adres|年龄|地址|العمر|العنوان|возраст|имя|children|kinder|race|disability|height|weight",
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
    mark: Mark,
    start: usize,
    value: usize,
}

/// What labels say of a text.
#[derive(Default)]
pub(super) struct Labelled {
    /// Labels and values to cut.
    pub(super) cuts: Vec<Cut>,
    /// Lines with a label that means nothing but a fact of a person.
    pub(super) strong: Vec<usize>,
    /// Where the names of people are among the values.
    pub(super) names: Vec<Range<usize>>,
}

/// The labels and values to cut.
pub(super) fn find(text: &str, lines: &[Line], is_person: bool) -> Labelled {
    let mut out = Labelled::default();
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
            let whole = shown.get(label.value..end).unwrap_or("");
            let value = whole.trim();
            let value_start =
                line.range.start + label.value + (whole.len() - whole.trim_start().len());
            let cut = Cut {
                range: line.range.start + label.start..line.range.start + end,
                mark: label.mark,
            };
            let name = leading_name(value);
            let fits = fits(label.kind, value);
            counts = fits
                && (is_person && matches!(label.kind, Kind::Strong | Kind::Fact)
                    || counts && opens);
            if !counts {
                continue;
            }
            let is_name = is_person && label.mark == Mark::Name;
            if let Some(name) = name.filter(|_| is_name) {
                out.names.push(value_start..value_start + name.len());
            }
            match label.kind {
                Kind::Phone | Kind::Contact | Kind::Handle => out.cuts.push(cut),
                Kind::Named if is_person && name.is_some() => {
                    let bytes = name.map_or(0, str::len);
                    out.cuts.push(Cut {
                        range: value_start..value_start + bytes,
                        mark: Mark::Name,
                    });
                }
                Kind::Strong | Kind::Fact if is_person => {
                    out.strong.push(line.number);
                    out.cuts.push(cut);
                }
                Kind::Weak if is_person => weak.push((line, cut, name.is_some())),
                Kind::Named | Kind::Strong | Kind::Fact | Kind::Weak => {}
            }
        }
    }
    let near = |line: &Line| {
        let mut strong = out.strong.iter();
        strong.any(|number| number.abs_diff(line.number) <= NEAR_LINES)
    };
    let last = lines.len().saturating_sub(LAST_LINES);
    let kept = weak.into_iter().filter(|(line, cut, is_name)| {
        let signed = cut.mark == Mark::Name && *is_name && line.number >= last;
        line.is_header() || near(line) || signed
    });
    out.cuts.extend(kept.map(|(_, cut, _)| cut));
    out
}

/// The beginning of a value that looks like a name.
fn leading_name(value: &str) -> Option<&str> {
    let end = value.find([',', '(', '|', ';', '–', '—', '/', '\t']);
    let part = value.get(..end.unwrap_or(value.len()))?;
    let part = part.split(" - ").next()?.split("  ").next()?;
    let name = part.trim_end_matches([' ', '.', '-']);
    looks_like_name(name).then_some(name)
}

/// What a label's value is shown as.
fn mark_of(kind: Kind, label: &str) -> Mark {
    let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
    match kind {
        Kind::Phone | Kind::Contact | Kind::Handle => Mark::Contact,
        Kind::Named => Mark::Name,
        Kind::Strong | Kind::Fact | Kind::Weak if has(PLACES) => Mark::Contact,
        Kind::Strong | Kind::Weak if has(NAMES) || label == "nom" => Mark::Name,
        Kind::Strong | Kind::Weak if has(DATES) => Mark::Date,
        Kind::Weak if has(PICTURES) => Mark::Photo,
        Kind::Weak if has(AGES) => Mark::Age,
        Kind::Strong | Kind::Fact | Kind::Weak => Mark::Personal,
    }
}

const DATES: &[&str] = &[
    "date",
    "dob",
    "birth",
    "born",
    "geb",
    "naissance",
    "né",
    "nacimiento",
    "nascita",
    "urodz",
    "doğum",
    "nascimento",
    "sinh",
    "出生",
    "生年",
    "생년",
    "ميلاد",
    "जन्म",
    "рожд",
];
const PLACES: &[&str] = &[
    "address",
    "adress",
    "anschrift",
    "domicilio",
    "dirección",
    "indirizzo",
    "adres",
    "endereço",
    "地址",
    "العنوان",
    "web",
    "blog",
    "mail",
];
const NAMES: &[&str] = &[
    "name",
    "nombre",
    "nome",
    "nom ",
    "naam",
    "prénom",
    "apellido",
    "cognome",
    "nazwisk",
    "imię",
    "soyad",
    "tên",
    "姓名",
    "氏名",
    "이름",
    "성명",
    "الاسم",
    "नाम",
    "имя",
    "фио",
    "father",
    "mother",
];
const PICTURES: &[&str] = &["photo", "picture", "foto", "lichtbild"];
const AGES: &[&str] = &[
    "age",
    "alter",
    "âge",
    "edad",
    "età",
    "leeftijd",
    "wiek",
    "yaş",
    "idade",
    "年龄",
    "العمر",
    "возраст",
];

fn fits(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Phone => is_phone_value(value),
        Kind::Contact => (1..=8).contains(&value.split_whitespace().count()),
        Kind::Handle => value.split_whitespace().count() == 1,
        Kind::Strong | Kind::Fact | Kind::Weak | Kind::Named => !value.is_empty(),
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
        if let Some((kind, mark, start)) = shown.get(floor..at).and_then(label_at_end) {
            labels.push(Label {
                kind,
                mark,
                start: floor + start,
                value,
            });
        }
    }
    labels
}

/// The longest known label the text ends with, and where it starts.
fn label_at_end(before: &str) -> Option<(Kind, Mark, usize)> {
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
        let kind = *KINDS.get(label.as_str())?;
        Some((kind, mark_of(kind, &label), start))
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
