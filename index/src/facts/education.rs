//! Levels of education: asked for in an ad, held in a CV. An ad's fact is one a
//! level, where it is first asked for; a CV's is one a degree. Owns what letters
//! such as MS or BA mean where; levels and their names are `education.tsv`.
//! `sure`: 95 a level by its name, 80 by letters that mean more, 60 "degree" alone.

use super::need::asked_at;
use super::{Cue, Education, Fact, Need, Prose, Reading, Section, Value, What};

// Behind or before weak letters: they are a degree.
const BESIDE: [&str; 16] = [
    "degree",
    "degrees",
    "required",
    "preferred",
    "level",
    "holder",
    "graduate",
    "university",
    "college",
    "equivalent",
    "major",
    "honours",
    "hons",
    "honors",
    "educated",
    "graduates",
];
// In the sentence of an ad's degree: nobody is asked for it.
const GIVEN: [&str; 10] = [
    "tuition",
    "reimbursement",
    "scholarship",
    "scholarships",
    "sponsor",
    "sponsored",
    "assistance",
    "alumni",
    "earn",
    "founders",
];

/// Reads the levels of education of a text.
pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    let from = out.len();
    let mut last: Option<(u32, Education)> = None;
    for cue in reading.cues_of(What::Education) {
        let Some((level, sure)) = level(reading, cue) else {
            continue;
        };
        if reading.prose == Prose::Ad && unasked(reading, cue) {
            continue;
        }
        let fact = Fact {
            value: Value::Education(level, asked_at(reading, cue.start, cue.end)),
            start: cue.start,
            end: cue.end,
            // Titles name degrees in passing: "MBA Intern".
            sure: if cue.end <= reading.title_end() {
                sure.min(60)
            } else {
                sure
            },
        };
        match reading.prose {
            Prose::Ad => keep_first(&mut *out, from, fact),
            Prose::Cv => {
                // "Bachelor of Science (B.S.)": one degree.
                let same =
                    last.is_some_and(|(end, held)| held == level && same_degree(reading, end, cue));
                if !same {
                    out.push(fact);
                }
                last = Some((cue.end, level));
            }
        }
    }
    match reading.prose {
        Prose::Ad => drop_bare(reading, out, from),
        Prose::Cv => drop_mentions(reading, out, from),
    }
}

// A level that the education section holds is not counted where it is mentioned
// besides; one that stands elsewhere alone is counted once.
fn drop_mentions(reading: &Reading<'_>, out: &mut Vec<Fact>, from: usize) {
    let schooled = |fact: &Fact| reading.section(fact.start) == Section::Education;
    let rank = |fact: &Fact| {
        if let Value::Education(level, _) = fact.value {
            1_u8 << level as u8
        } else {
            0
        }
    };
    let mut held = out
        .iter()
        .skip(from)
        .filter(|fact| schooled(fact))
        .fold(0, |held, fact| held | rank(fact));
    let mut at = 0;
    out.retain(|fact| {
        at += 1;
        if at <= from || schooled(fact) {
            return true;
        }
        let new = held & rank(fact) == 0 && !(fact.sure <= 60 && held != 0);
        held |= rank(fact);
        new
    });
}

// One fact a level; one that is required stands for one that is welcome.
fn keep_first(out: &mut Vec<Fact>, from: usize, fact: Fact) {
    let Value::Education(level, need) = fact.value else {
        return;
    };
    let held = out
        .iter_mut()
        .skip(from)
        .find(|held| matches!(held.value, Value::Education(other, _) if other == level));
    match held {
        Some(held) => {
            let surer = fact.sure > held.sure && held.sure <= 60;
            if surer
                || (matches!(held.value, Value::Education(_, Need::Preferred))
                    && need == Need::Required
                    && fact.sure > 60)
            {
                *held = fact;
            }
        }
        None => out.push(fact),
    }
}

// "Master's degree … or similar degree": the bare word repeats what was said.
fn drop_bare(reading: &Reading<'_>, out: &mut Vec<Fact>, from: usize) {
    let named: Vec<(u32, u32)> = out
        .iter()
        .skip(from)
        .filter(|fact| {
            fact.sure > 60 && !matches!(fact.value, Value::Education(Education::Secondary, _))
        })
        .map(|fact| (fact.start, fact.end))
        .collect();
    let mut at = 0;
    out.retain(|fact| {
        at += 1;
        let bare = at > from && fact.sure <= 60;
        !(bare
            && named.iter().any(|(start, _)| {
                let sentence = reading.sentence(reading.word_from(*start));
                (sentence.start..sentence.end).contains(&reading.word_from(fact.start))
            }))
    });
}

fn same_degree(reading: &Reading<'_>, end: u32, cue: &Cue) -> bool {
    cue.start.saturating_sub(end) <= 40 && !reading.part(end, cue.start).contains('\n')
        || cue.start.saturating_sub(end) <= 4
        || cue.start.saturating_sub(end) <= AGAIN_BYTES && {
            // "Master of Arts : Dance 2004 …", and a line on "M.A., Dance; 2004".
            let subject = cue.end_word as usize;
            let before = reading.word_from(end);
            subject + 1 < reading.words.len()
                && reading.written(before).starts_with(char::is_uppercase)
                && reading.folded(subject) == reading.folded(before)
                && reading.gap(subject).len() <= 4
        }
}

/// A degree is said again within so many bytes.
const AGAIN_BYTES: u32 = 320;

fn level(reading: &Reading<'_>, cue: &Cue) -> Option<(Education, u8)> {
    let schooled = reading.prose == Prose::Cv && reading.section(cue.start) == Section::Education;
    let (name, weak) = match cue.value.strip_suffix('?') {
        Some(name) => (name, true),
        None => (cue.value, false),
    };
    if is_trade(reading, cue) {
        return None;
    }
    let level = match name {
        // "Jenks High School" behind "High School Diploma" is where it is from.
        "secondary" if weak && reading.prose == Prose::Cv && repeats_school(reading, cue) => {
            return None;
        }
        "secondary" => Education::Secondary,
        "vocational" => Education::Vocational,
        "bachelor" => Education::Bachelor,
        "master" => Education::Master,
        "doctorate" => Education::Doctorate,
        "degree" if reading.prose == Prose::Cv && !schooled => return None,
        "degree" => return bare(reading, cue).then_some((Education::Bachelor, 60)),
        "listed" => {
            return (schooled && opens_line(reading, cue)).then_some((Education::Vocational, 60));
        }
        _ => return None,
    };
    // "Locksmith Diploma" among certificates is one.
    let certified =
        reading.prose == Prose::Cv && reading.section(cue.start) == Section::Certificates;
    if certified
        && level == Education::Vocational
        && !cue.value.contains("associate")
        && !reading
            .folded(cue.first_word as usize)
            .starts_with("associate")
    {
        return None;
    }
    // "2 1/2 years" is no class of a degree.
    if reading.folded(cue.first_word as usize) == "2"
        && !reading.part(cue.start, cue.end).contains([':', '.'])
    {
        return None;
    }
    if !weak {
        return Some((level, 95));
    }
    let plain = schooled
        && (reading.gap(cue.end_word as usize).trim() == ":"
            || !matches!(
                reading.folded(cue.first_word as usize),
                "master" | "masters"
            ));
    (plain || meant(reading, cue)).then_some((level, 80))
}

// "Higher education" is a trade as often as what an ad asks for.
fn is_trade(reading: &Reading<'_>, cue: &Cue) -> bool {
    let first = cue.first_word as usize;
    reading.folded(first) == "higher"
        && reading.folded(first + 1) == "education"
        && cue.end_word - cue.first_word == 2
        && (reading.prose == Prose::Cv
            || !(reading.section(cue.start) == Section::Required && opens_line(reading, cue)))
}

/// A degree's subject and school stand within so many bytes of it.
const SCHOOL_BYTES: u32 = 160;

fn repeats_school(reading: &Reading<'_>, cue: &Cue) -> bool {
    let near = (cue.first_word as usize).saturating_sub(24)..cue.first_word as usize;
    reading.cues_near(What::Education, near).any(|other| {
        matches!(other.value, "secondary" | "vocational")
            && cue.start.saturating_sub(other.end) <= SCHOOL_BYTES
    })
}

// Whether nothing but the cue's name stands before it on its line.
fn opens_line(reading: &Reading<'_>, cue: &Cue) -> bool {
    let before = reading
        .line_at(cue.start)
        .map_or("", |line| reading.part(line.start, cue.start));
    before.len() <= 12
}

// Whether letters such as MS are a degree here.
fn meant(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    if matches!(reading.folded(first), "master" | "masters") {
        let ending = reading.part(cue.end, cue.end + 4);
        if ending.starts_with("'s") || ending.starts_with("’s") {
            return true;
        }
        return matches!(
            reading.folded(end),
            "in" | "level"
                | "or"
                | "and"
                | "thesis"
                | "degree"
                | "program"
                | "programme"
                | "preferred"
                | "required"
                | "of"
                | ""
        ) && (neighbour(reading, cue)
            || (reading.folded(first) == "masters" && reading.folded(end) == "in"))
            || neighbour(reading, cue) && reading.gap(first).contains(['/', ',', '(']);
    }
    // "Boston, MA".
    let state =
        reading.gap(first).contains(',') && matches!(reading.folded(first), "ma" | "ms" | "md");
    let in_subject = reading.folded(end) == "in"
        && reading.gap(end) == " "
        && reading.written(end + 1).starts_with(char::is_uppercase);
    let beside = reading.any(end..end + 2, &BESIDE) || (!state && in_subject);
    beside || (neighbour(reading, cue) && !(state && reading.folded(end + 1).len() == 5))
}

// Whether another word of education stands close.
fn neighbour(reading: &Reading<'_>, cue: &Cue) -> bool {
    let near = (cue.first_word as usize).saturating_sub(12)..cue.end_word as usize + 4;
    reading.cues_near(What::Education, near).any(|other| {
        other.value != "-"
            && other.first_word != cue.first_word
            && other.value != "listed"
            && other.first_word < cue.end_word + 4
            && cue.first_word < other.end_word + 4
            && !reading
                .part(cue.end.min(other.end), cue.start.max(other.start))
                .contains(['\n', ';'])
    })
}

// Whether "degree" alone is one of a university.
fn bare(reading: &Reading<'_>, cue: &Cue) -> bool {
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let next = reading.folded(end);
    if reading.written(first).ends_with('s')
        && !matches!(next, "in" | "or" | "preferred" | "required")
    {
        return false;
    }
    if matches!(
        next,
        "program" | "programs" | "programme" | "programmes" | "of" | "to" | "celsius" | "c" | "f"
    ) {
        return false;
    }
    let before = first.checked_sub(1).map_or("", |word| reading.folded(word));
    !before.starts_with(|letter: char| letter.is_ascii_digit())
        && !matches!(
            before,
            "high"
                | "no"
                | "some"
                | "great"
                | "third"
                | "first"
                | "what"
                | "large"
                | "any"
                | "significant"
        )
}

// Whether an ad names a degree without asking for it.
fn unasked(reading: &Reading<'_>, cue: &Cue) -> bool {
    if reading.aside(cue.start) {
        return true;
    }
    let (first, end) = (cue.first_word as usize, cue.end_word as usize);
    let sentence = reading.sentence(first);
    if reading.any(sentence.clone(), &GIVEN) {
        return true;
    }
    // "our team of PhDs", "no degree needed".
    let close = first.saturating_sub(3).max(sentence.start)..first;
    let no = first.saturating_sub(1).max(sentence.start)..first;
    let people = matches!(reading.written(first), "PhDs" | "Ph.Ds" | "MDs" | "MBAs")
        && reading.any(sentence, &["team", "our", "we"]);
    people
        || reading.any(no, &["no", "without"])
        || (reading.any(close, &["team", "our", "phds"])
            && reading.written(first).ends_with('s')
            && reading.gap(end) != "'s ")
        || (cue.value == "vocational"
            && reading.any(first..end, &["ausbildung"])
            && reading.any(end..end + 3, &["zum", "zur", "beginnen", "starten"]))
}
