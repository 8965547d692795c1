//! The name line of a CV: found by shape and surroundings, not by a list of
//! names. Owns the list of words that are never a name there.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::Line;

/// The name stands among the first lines.
const NAME_LINES: usize = 5;

/// A contact or heading this many lines below makes a name of the line.
const NEAR_LINES: usize = 6;

const NAME_WORDS: Range<usize> = 2..5;

/// Words of job titles, headings, places and companies. Words that are common
/// surnames too (baker, cook, mason, dean) are left out on purpose.
const NEVER_NAMES: &str = "
account accountant accounting accounts acquisition activities actuary acute additional admin administration
administrative administrator advertising advisor advisory advocate affairs agency agent agile agriculture
agricultural aide airline ambassador analysis analyst analytics and android animal apparel applications applied
apprentice aptitude architect architecture area art artist arts assembler assembly asset assistant associate
assurance athletic at attendant attorney attributes audit auditor automation automotive aviation award awards back
background bachelor bank banker banking bartender basic behavior behavioral benefits bilingual biologist board
bookkeeper branch brand broker budget builder building business buyer buying call candidate captain care career
caregiver carpenter case cashier category center certified certifications chain chartered chef chemical chemist
chief child city civil claims class cleaner clerical clerk client clinical cloud coach college collections
commerce commercial communication communications community company competencies competency compliance computer
concierge confidential construction consultant consulting consumer contact content contract contractor control
controller coordinator core corporate cosmetologist cost counsel counselor courses cover creative credit crew
crm curriculum custodian customer cv cyber dance data database date dealer de-escalation demonstrated dental dentist department deputy design
designer desk detail developer development devops digital direct director dispatcher distribution district
division doctor document documentation driver driving dynamic ecommerce economics economist editor editorial
education educational educator effective electrical electrician electronic electronics emergency employee
employment energetic energy engineer engineering english enrollment enterprise entrepreneur entry
environment environmental equipment estate event events excellent excel executive experience experienced
expert expertise export external facilities facility faculty family farm fashion federal field file film finance
financial firefighter first fitness fleet flight floor fluent food for foreman founder freelance front full
functional general generalist global goal government graduate graphic graphics group growth guard guest guide
hardware head headline health healthcare help highlights highly hospital hospitality hotel house housekeeper
housekeeping hr human hvac in industrial industry information infrastructure inside inspector
installation installer instruction instructional instructor insurance integration intelligence interests interior
intern international internship interviewer inventory investigator investment it java journalist judicial junior key
kitchen labor laboratory laborer language languages law lawyer lead leader leadership learning lebenslauf lecturer
legal level librarian library licensed licenses life line linux loan logistics loss machine machinist
mainframe maintenance major management manager managing manufacturing market marketer marketing master
material materials mathematics mechanic mechanical media medical member mental merchandise merchandiser
merchandising microsoft military mobile model mortgage motivated multimedia music name national network networking
new news nurse nurses nursing nutrition nutritionist objective objectives occupational of office officer online operating
operation operations operator oracle order organization organizational oriented outside outstanding overview owner
page paralegal paraprofessional part partner parts passionate pastry patient payable payroll pediatric people
performance personal personnel pharmacist pharmacy phone photo photographer photography physical physician pilot
plan planner planning plant plumber point police policy portfolio position practice practitioner premium preparer
preschool president prevention primary principal private procurement producer product production
professional professor proficiency proficient profile program programmer programming project projects property proposal
psychologist public publicist publications publishing purchasing python qualifications quality
real realtor receivable reception receptionist recruiter recruiting recruitment references regional registered
regulatory relations relationship reliable remote rental repair reporter representative research researcher
residential resident resort resource resources responsible restaurant results resume résumé retail retention
revenue risk safety sales salesman salesperson salon scheduler school science scientist scrum seasoned secondary secretary
security self senior server service services sharepoint shift shipping site skill skilled skills social sous
software solution solutions special specialist specialized sports sql staff staffing stage state
statement statistics store storekeeper strategic strategist strategy strengths strong student studies stylist substitute
success summary superintendent supervisor supervision supply support surgeon surgical surveyor sustainability
system systems talent tax taxation teacher teaching team tech technical technician technologies technologist
technology telecommunications telephone teller temporary territory test tester testing the therapist therapy to tools track trade
traffic trainer trainee training transition transportation travel treasurer treasury tutor underwriter
university urban ux veteran vice video vita vitae vocational volunteer waiter waitress warehouse web welder
wellness with work worker working writer yoga youth
ausbildung berufserfahrung bewerbung entwickler ingenieur kaufmann kenntnisse leiter profil schule studium
compétences développeur expérience formation ingénieur currículum desarrollador educación experiencia ingeniero
esperienza formazione ervaring opleiding
";

static NEVER: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| NEVER_NAMES.split_whitespace().collect());

/// Section headings that may follow a name without any contact.
const HEADINGS: [&str; 24] = [
    "summary",
    "profile",
    "objective",
    "experience",
    "education",
    "skills",
    "highlights",
    "about",
    "qualifications",
    "overview",
    "career",
    "professional",
    "work",
    "employment",
    "curriculum",
    "profil",
    "kurzprofil",
    "berufserfahrung",
    "ausbildung",
    "expérience",
    "compétences",
    "formation",
    "experiencia",
    "perfil",
];

const TITLES: [&str; 14] = [
    "mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "m", "sr", "sra", "ing",
];
const PARTICLES: [&str; 22] = [
    "de", "del", "della", "der", "den", "van", "von", "zu", "la", "le", "di", "da", "dos", "das",
    "do", "du", "al", "el", "bin", "ibn", "ben", "y",
];
const DEGREES: [&str; 24] = [
    "phd", "md", "mba", "cpa", "rn", "bsn", "msn", "msc", "bsc", "ma", "ba", "ms", "bs", "pmp",
    "esq", "jr", "sr", "ii", "iii", "iv", "pe", "mph", "edd", "jd",
];
/// What may stand before the name in its line.
const OPENINGS: [&str; 7] = [
    "resume of ",
    "résumé of ",
    "cv of ",
    "curriculum vitae of ",
    "curriculum vitae ",
    "lebenslauf ",
    "resume ",
];

/// The name of the person and every place it occurs again. `contacts` are the
/// ranges found so far, in order.
pub(super) fn find(text: &str, lines: &[Line], contacts: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut first = lines.iter().take(NAME_LINES);
    let Some(name) = first.find_map(|line| name_of(text, lines, line, contacts)) else {
        return Vec::new();
    };
    let Some(shown) = text.get(name).filter(|shown| !shown.is_empty()) else {
        return Vec::new();
    };
    text.match_indices(shown)
        .map(|(at, found)| at..at + found.len())
        .collect()
}

/// The name's bytes, where the line is a name line.
fn name_of(
    text: &str,
    lines: &[Line],
    line: &Line,
    contacts: &[Range<usize>],
) -> Option<Range<usize>> {
    let shown = text.get(line.range.clone())?;
    let opening = opening_bytes(shown);
    let start = line.range.start + opening;
    // The name may share its line with contacts or a job title.
    let contact = contacts
        .iter()
        .find(|range| range.end > start)
        .map_or(text.len(), |range| range.start);
    let rest = text.get(start..line.range.end.min(contact.max(start)))?;
    let separator = rest.find(['|', '•', '·', '/', '(', '\t', '–', '—', ';', ':']);
    let part = rest.get(..separator.unwrap_or(rest.len()))?;
    let part = part.split(" - ").next()?.split("  ").next()?;
    let name = part.trim_end_matches([' ', ',', '-', '\u{a0}']);
    if !looks_like_name(name) {
        return None;
    }
    let below = lines.get(line.number..)?;
    let near = below.get(..below.len().min(NEAR_LINES + 1))?;
    let near_end = near.last()?.range.end;
    let has_contact = contacts
        .iter()
        .any(|range| range.end > start && range.start < near_end);
    let has_heading = || line.number == 0 && near.iter().skip(1).any(|line| is_heading(text, line));
    // In capitals and without a contact it is rather the headline of the CV.
    let is_mixed = name.contains(char::is_lowercase);
    (opening > 0 || has_contact || is_mixed && has_heading()).then_some(start..start + name.len())
}

fn opening_bytes(shown: &str) -> usize {
    let starts = |opening: &&&str| {
        shown
            .get(..opening.len())
            .is_some_and(|start| start.to_lowercase() == **opening)
    };
    OPENINGS
        .iter()
        .find(starts)
        .map_or(0, |opening| opening.len())
}

fn is_heading(text: &str, line: &Line) -> bool {
    let shown = text.get(line.range.clone()).unwrap_or("").to_lowercase();
    let mut words = shown.split_whitespace();
    let first = words.next().unwrap_or("").trim_end_matches(':');
    HEADINGS.contains(&first) && words.count() < 3
}

/// Two to four capitalised words, none of them on the list; titles, initials,
/// particles and degrees aside, at least two of them longer than an initial or
/// one with an initial.
fn looks_like_name(shown: &str) -> bool {
    let mut names = 0;
    let mut initials = 0;
    let comma = shown.find(',');
    for word in shown.split_whitespace() {
        let bare = word.trim_end_matches([',', '.']);
        let lower = bare.replace('.', "").to_lowercase();
        let is_titled = names == 0 && TITLES.contains(&lower.as_str());
        let is_degree = names >= 2 && DEGREES.contains(&lower.as_str());
        if is_titled || is_degree || names + initials > 0 && PARTICLES.contains(&lower.as_str()) {
            continue;
        }
        if NEVER.contains(lower.as_str()) || !is_capitalised(bare) || has_job_ending(&lower) {
            return false;
        }
        if bare.chars().filter(|letter| letter.is_alphabetic()).count() == 1 {
            initials += 1;
        } else {
            names += 1;
        }
    }
    // "Smith, John" is a name, "Dallas, Texas, USA" a place.
    let commas_fit = comma.is_none_or(|_| shown.matches(',').count() == 1);
    NAME_WORDS.contains(&(names + initials)) && names >= 1 && commas_fit && !is_place(shown)
}

/// `Springfield, IL`, `Austin, TX 78701`.
fn is_place(shown: &str) -> bool {
    shown.rsplit_once(", ").is_some_and(|(_, last)| {
        last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

fn is_capitalised(word: &str) -> bool {
    let letters = |letter: char| letter.is_alphabetic() || "'’-.".contains(letter);
    let upper_or_none = |letter: char| letter.is_uppercase() || !letter.is_lowercase();
    word.chars().all(letters)
        && word
            .chars()
            .next()
            .is_some_and(|first| first.is_alphabetic() && upper_or_none(first))
}

/// Endings of professions and activities that surnames rarely have.
fn has_job_ending(lower: &str) -> bool {
    [
        "tion", "ment", "ology", "ologist", "ician", "ware", "ness", "ability", "ations", "ties",
        "ments",
    ]
    .iter()
    .any(|ending| lower.len() > ending.len() + 2 && lower.ends_with(ending))
}
