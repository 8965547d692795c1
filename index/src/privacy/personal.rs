//! Ages, births, genders, marriages and pictures in a CV, beside those that have a
//! label of their own (`labels`). Owns what is said of the person and not of
//! children taught or companies founded.

use std::sync::LazyLock;

use regex::Regex;

use super::{Cut, Line, Mark, pattern};

/// Personal lines stand among the first, or this close to one with a label.
const NEAR_LINES: usize = 6;

/// "Age 34", "Alter: 34 Jahre", alone on a line or in a part of one.
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:^|[|,;•·]\s*)[\s•*●▪-]*((?:age|aged|alter|âge|edad|età|leeftijd|wiek|yaş|idade|年龄|العمر)\s*[:：=–-]?\s*[1-9]\d",
        r"(?:\s*(?:years?(?:\s+old)?|yrs?(?:\s+old)?|jahre(?:\s+alt)?|ans|años|anni|jaar|lat|岁))?\.?)\s*(?:$|[|,;•·])",
    ))
});

/// An age of an adult in words.
static YEARS_OLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:aged\s+)?[1-9]\d[\s-]*(?:years?|yrs?|yr)[\s-]*(?:old|of age|young)\b",
        r"|\b[1-9]\d\s+jahre\s+alt\b|\b[1-9]\d\s+ans\b|\b[1-9]\d\s+años(?:\s+de\s+edad)?\b|[1-9]\d岁",
        r"|\baged\s+[1-9]\d\b",
    ))
});

/// In front of an age that is the writer's own, with nothing but a word or two
/// between.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\bi['’]?m|\bi am|\bich bin|\bj['’]ai|\btengo|\b(?:am|is) an?)\s*(?:currently |now |just |an? |\w+ )?$",
    )
});

/// A birth with its date or year.
static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:date of birth|d\.?o\.?b\.?|birth\s?dat[ea]|birth\s?day|year of birth|born(?:\s+(?:on|in))?",
        r"|geburtsdatum|geburtstag|geburtsjahr|geboren(?:\s+am)?|geb\.|date de naissance|née?\s+(?:le|en)",
        r"|fecha de nacimiento|nacid[oa]\s+(?:el|en)|data di nascita|nat[oa]\s+(?:il|nel|a)|geboortedatum|geboren\s+op",
        r"|data urodzenia|ur\.|doğum tarihi|data de nascimento|nascid[oa]\s+em|ngày sinh|födelsedatum|født)",
        r"|出生日期|出生年月|生年月日|تاريخ الميلاد)",
        r"[\s:：–=*()-]{0,4}(?:(?-i:\p{Lu})[\p{L}'’ ]{0,24}?[\s,]{1,2})?",
        r"(?:\d{1,2}(?:st|nd|rd|th|er)?[\s./,-]*(?:of\s+)?(?:\d{1,2}|\p{L}{3,10}\.?)[\s./,-]*(?:19[3-9]\d|20[01]\d|\d{2})\b",
        r"|\p{L}{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19[3-9]\d|20[01]\d)\b",
        r"|(?:19[3-9]\d|20[01]\d)(?:\s?[-./年]\s?\d{1,2}(?:\s?[-./月]\s?\d{1,2}日?)?)?)",
    ))
});

/// What every birth has, and every age, which are looked for faster.
static BIRTHS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)birth|born|dob|d\.o\.b|d\.ob|geb|naissance|née?\s|naci|nasc|nat[oa]\s|urodz|ur\.|doğum|sinh|födel|født|出生|生年|ميلاد",
    )
});
const AGES: [&str; 26] = [
    " old",
    "-old",
    "of age",
    "Age",
    "AGE",
    " age",
    "aged",
    "young",
    "Alter",
    "ALTER",
    "Jahre alt",
    " ans",
    " años",
    "âge",
    "Âge",
    "dad",
    "Età",
    "età",
    "eeftijd",
    "iek",
    "yaş",
    "Yaş",
    "dade",
    "年龄",
    "岁",
    "العمر",
];

/// A part of a line that says nothing but a gender, a marriage and the like.
static STATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:gender|sex|marital status|civil status|family status|nationality|citizenship|religion|children",
        r"|geschlecht|familienstand|staatsangehörigkeit|nationalität|konfession|kinder|sexe|état civil|nationalité)\s*[:：=–-]?\s+)?",
        r"(?:male|female|man|woman|non-?binary|divers|männlich|weiblich|masculin|féminin|homme|femme|hombre|mujer|masculino",
        r"|femenino|maschio|femmina|mężczyzna|kobieta|erkek|kadın|男|女|ذكر|أنثى",
        r"|(?:not |un|happily |re)?married|single|divorced|widow(?:ed|er)?|separated|engaged|verheiratet|ledig|geschieden",
        r"|verwitwet|mariée?|célibataire|divorcée?|pacsée?|casad[oa]|solter[oa]|divorciad[oa]|coniugat[oa]|celibe|nubile",
        r"|żonaty|zamężna|kawaler|evli|bekar|已婚|未婚|متزوج|متزوجة|أعزب|عزباء",
        r"|(?:with\s+|and\s+|mit\s+|und\s+)?(?:\d|one|two|three|four|no|ein|zwei|drei|keine)\s+(?:children|child|kids?|kinder?|enfants?|hijos?)",
        r"|catholic|protestant|muslim|hindu|christian|buddhist|jewish|katholisch|evangelisch|römisch-katholisch)$",
    ))
});

/// Of those what cannot be anything else, or has a label.
static SURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:male|female|männlich|weiblich|masculin|féminin|masculino|femenino|married|unmarried|divorced|widow(?:ed|er)?",
        r"|verheiratet|ledig|geschieden|verwitwet|mariée?|célibataire|casad[oa]|solter[oa]|已婚|未婚)$|^\S+(?:\s\S+)?[:：]|^(?:gender|sex|marital|civil)\b",
    ))
});

/// The same with a label, on a line of its own anywhere.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:gender|sex|marital status|civil status|geschlecht|familienstand|sexe|état civil|situation de famille)",
        r"\s*[:：=–-]?\s+\p{L}",
    ))
});

/// A gender in what somebody says they are.
static I_AM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\bi(?:['’]m| am) an?\s+(?:[\p{L}-]+[\s,]+(?:and\s+)?){0,4}?",
        r"((?:(?:married|single|divorced|widowed)\s+)?(?:man|woman|male|female|mother|father|mom|dad)\b(?:\s+of\s+\w+)?)",
    ))
});

/// A picture, wherever its bytes or its place stand in the text.
static PICTURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)data:image/[\w.+-]+;base64,[\w+/=]+|!\[[^\]\n]{0,200}\]\([^)\s]{0,2000}\)|<img\b[^>\n]{0,2000}>",
    )
});

/// What is cut, in any order. `labelled` are the numbers of lines with a label that
/// means nothing but a fact of a person.
pub(super) fn find(text: &str, lines: &[Line], labelled: &[usize]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    if text.contains("![") || text.contains("<img") || text.contains("data:image") {
        cuts.extend(PICTURE.find_iter(text).map(|found| Cut {
            range: found.range(),
            mark: Mark::Photo,
        }));
    }
    let births = BIRTHS.is_match(text);
    let ages = AGES.iter().any(|said| text.contains(said));
    let oneself = ["I am", "I'm", "I’m", "i am"]
        .iter()
        .any(|said| text.contains(said));
    for line in lines {
        let shown = text.get(line.range.clone()).unwrap_or("");
        let mut add = |range: std::ops::Range<usize>, mark: Mark| {
            let range = line.range.start + range.start..line.range.start + range.end;
            cuts.push(Cut { range, mark });
        };
        let near = line.is_header()
            || labelled
                .iter()
                .any(|number| number.abs_diff(line.number) <= NEAR_LINES);
        let digits = shown.bytes().any(|byte| byte.is_ascii_digit());
        if births && digits {
            for birth in BIRTH.find_iter(shown) {
                add(birth.range(), Mark::Date);
            }
        }
        if ages && digits {
            for age in AGE.captures_iter(shown) {
                if let Some(age) = age.get(1) {
                    add(age.range(), Mark::Age);
                }
            }
            for age in YEARS_OLD.find_iter(shown) {
                if is_own_age(shown, age.start(), age.end(), line.is_header()) {
                    add(age.range(), Mark::Age);
                }
            }
        }
        if near || LABELLED.is_match(shown) {
            states(shown, &mut |range| add(range, Mark::Personal));
        }
        if oneself {
            for found in I_AM.captures_iter(shown) {
                if let Some(found) = found.get(1) {
                    add(found.range(), Mark::Personal);
                }
            }
        }
    }
    cuts
}

/// Whether an age is the writer's: of the header, or said of oneself; never of what
/// stands behind it.
fn is_own_age(shown: &str, start: usize, end: usize, in_header: bool) -> bool {
    let before = shown.get(..start).unwrap_or("");
    let behind = shown.get(end..).unwrap_or("");
    let next = behind.trim_start_matches([' ', '-']);
    // "16 years old children", "a 30 year old company", "18 years old and above".
    let alone = next.is_empty() || next.starts_with([',', '.', ';', '|', ')']);
    if OWN.is_match(before) {
        let company = [
            "compan",
            "firm",
            "business",
            "brand",
            "restaurant",
            "house",
            "home",
        ];
        let next = next.to_lowercase();
        return !company.iter().any(|word| next.starts_with(word));
    }
    let opens = before.trim_end();
    in_header && alone && (opens.is_empty() || opens.ends_with(['|', ',', ';', '•', '·', '-']))
}

/// The parts of a line that are states: those that cannot be anything else, and the
/// others where every part of the line is one.
fn states(shown: &str, add: &mut dyn FnMut(std::ops::Range<usize>)) {
    if shown.len() > 160 {
        return;
    }
    let separators = ['|', ',', ';', '/', '•', '·', '●', '▪', '\t'];
    let mut start = 0;
    let mut found = Vec::new();
    let mut all = true;
    for part in shown.split_inclusive(separators) {
        let bare = part.trim_end_matches(separators);
        let left = bare.len() - bare.trim_start_matches([' ', '-', '*', '(']).len();
        let kept = bare
            .get(left..)
            .unwrap_or("")
            .trim_end_matches([' ', '.', ')']);
        if STATE.is_match(kept) {
            found.push((start + left..start + left + kept.len(), SURE.is_match(kept)));
        } else {
            all &= kept.is_empty() || AGE.is_match(kept) || BIRTH.is_match(kept);
        }
        start += part.len();
    }
    for (range, _) in found.into_iter().filter(|(_, sure)| all || *sure) {
        add(range);
    }
}
