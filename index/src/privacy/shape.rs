//! What a person's name looks like: capitalised words none of which is a word of
//! job titles, headings, places and companies. Owns those words; no list of names.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

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
inc llc llp ltd limited gmbh corp corporation co plc ag kg associates enterprises holdings industries partners
solutions ventures consultants foundation institute academy ministry ministries society club union council
while when after before since although various others other many most some all each every this that these those
he she they we who whom which what also available upon request furnished provided aerospace airlines airways
alpha beta gamma delta epsilon zeta theta kappa lambda sigma phi omega rotary ymca
germany deutschland france spain italy india china canada australia america kingdom states united africa asia europe
compétences développeur expérience formation ingénieur currículum desarrollador educación experiencia ingeniero
esperienza formazione ervaring opleiding
";

static NEVER: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| NEVER_NAMES.split_whitespace().collect());

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

/// Two to four capitalised words, none of them on the list; titles, initials,
/// particles and degrees aside, at least two of them longer than an initial or
/// one with an initial. In a script without capitals also one word of two to four
/// signs, as names in Chinese are.
pub(super) fn looks_like_name(shown: &str) -> bool {
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
        let owned = lower.ends_with("'s") || lower.ends_with("’s");
        let is_i = lower == "i" && !word.ends_with('.');
        if owned
            || is_i
            || NEVER.contains(lower.as_str())
            || !is_capitalised(bare)
            || has_job_ending(&lower)
        {
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
    let count_fits = NAME_WORDS.contains(&(names + initials)) || is_ideographic(shown);
    count_fits && names >= 1 && commas_fit && !is_place(shown)
}

/// Whether a line has a word of job titles, headings, places or companies.
pub(super) fn speaks_of_work(line: &str) -> bool {
    let mut words = line.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| NEVER.contains(word.to_lowercase().as_str()))
}

/// The name without the degrees behind it: "Jane Doe, PhD".
pub(super) fn without_degrees(name: &str) -> &str {
    let Some((before, behind)) = name.split_once(',') else {
        return name;
    };
    let is_degree = |word: &str| {
        let bare = word
            .trim_matches([',', '.'])
            .replace('.', "")
            .to_lowercase();
        DEGREES.contains(&bare.as_str())
    };
    if behind.split_whitespace().all(is_degree) {
        before
    } else {
        name
    }
}

/// Whether every letter is of a script without capitals.
pub(super) fn is_caseless(shown: &str) -> bool {
    let mut letters = shown
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .peekable();
    letters.peek().is_some()
        && letters.all(|letter| !letter.is_uppercase() && !letter.is_lowercase())
}

/// Two to four ideographs, or as many syllables of Korean.
fn is_ideographic(shown: &str) -> bool {
    let is_sign =
        |letter: char| matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    (2..=4).contains(&shown.chars().count()) && shown.chars().all(is_sign)
}

/// `Springfield, IL`, `Austin, TX 78701`.
fn is_place(shown: &str) -> bool {
    shown.rsplit_once(", ").is_some_and(|(_, last)| {
        last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

fn is_capitalised(word: &str) -> bool {
    let letters = |letter: char| {
        letter.is_alphabetic() || "'’-.".contains(letter) || is_combining_mark(letter)
    };
    let upper_or_none = |letter: char| letter.is_uppercase() || !letter.is_lowercase();
    word.chars().all(letters)
        && word
            .chars()
            .next()
            .is_some_and(|first| first.is_alphabetic() && upper_or_none(first))
}

/// Surnames that end like professions and activities.
const SURNAMES: [&str; 6] = [
    "clement",
    "clements",
    "harkness",
    "furness",
    "guinness",
    "mcguinness",
];

/// Endings of professions and activities that surnames rarely have.
fn has_job_ending(lower: &str) -> bool {
    [
        "tion", "ment", "ology", "ologist", "ician", "ware", "ness", "ability", "ations", "ties",
        "ments",
    ]
    .iter()
    .any(|ending| lower.len() > ending.len() + 2 && lower.ends_with(ending))
        && !SURNAMES.contains(&lower)
}
