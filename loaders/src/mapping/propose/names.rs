//! What columns are called, in several languages. Owns the names and how a
//! header is compared with them; looks at no values.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::mapping::Field;

/// What a column can be for, whatever the kind calls its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Concept {
    Id,
    Title,
    Company,
    Description,
    /// A part of the description: tasks, requirements, benefits.
    Section,
    Location,
    City,
    Region,
    Country,
    Lat,
    Lon,
    Remote,
    Skills,
    SkillsPreferred,
    Years,
    Pay,
    PayMin,
    PayMax,
    Currency,
    Period,
    Industry,
    Category,
    Contract,
    Posted,
    Expires,
    Url,
    Language,
    Languages,
    Source,
    Name,
    Email,
    Phone,
    Photo,
    Links,
    Education,
    OpenTo,
}

/// Names as [`plain`] writes them, the most usual first.
pub(super) const NAMES: [(Concept, &str); 36] = [
    (
        Concept::Id,
        "id|job id|jobid|reference|ref|ref no|reference number|req id|requisition id|job reference|external id|uuid|guid|code|job code|posting id|vacancy id|candidate id|kennziffer|referenznummer|stellen id|stellennummer|referenz|job nr|referencia|codigo|numero offre|vacature id|annons id|identifiant|identificador|nummer|bewerber id|bewerber nr|bewerbernummer|kandidaten id|kandidatennummer|applicant id|candidate no|personalnummer|stellen nr|job no|job number|anzeigen id|anzeigennummer|offre id|reference de l offre|numero de l offre|profil id|lfd nr|identifier|identifier value",
    ),
    (
        Concept::Title,
        "title|job title|jobtitle|position|role|job|job name|position title|vacancy|vacancy title|name of position|stellenbezeichnung|stellentitel|jobtitel|berufsbezeichnung|stelle|titel|bezeichnung|intitule|intitule du poste|titre|titre du poste|poste|emploi|titulo|puesto|cargo|titulo del puesto|nombre del puesto|functietitel|functie|vacature|vacaturetitel|titolo|posizione|ruolo|rubrik|tjanst|befattning|headline|current title|current position|occupation|profession|beruf|profil titel|wunschposition|gewunschte position|gewuenschte position|wunschberuf|berufswunsch|desired position|desired job|desired role|poste recherche|metier recherche|puesto deseado|jobbezeichnung|positionsbezeichnung|stellenname|job titel|job designation|designation",
    ),
    (
        Concept::Company,
        "company|company name|employer|organization|organisation|hiring organization|hiring company|employer name|business|firma|unternehmen|arbeitgeber|firmenname|entreprise|societe|employeur|nom de l entreprise|empresa|nombre de la empresa|compania|empleador|bedrijf|bedrijfsnaam|werkgever|organisatie|azienda|societa|datore di lavoro|foretag|arbetsgivare|agency|client|unternehmensname|firmenbezeichnung|arbeitgebername|raison sociale|org|org name|organization name|organisation name|hiring organization name|company display name|employer display name|client name",
    ),
    (
        Concept::Description,
        "description|job description|text|body|content|details|full description|description text|job details|summary|about|about the role|overview|jobdescription|beschreibung|stellenbeschreibung|jobbeschreibung|volltext|anzeigentext|stellentext|descriptif|description du poste|descripcion|descripcion del puesto|omschrijving|functieomschrijving|vacaturetekst|descrizione|beskrivning|annonstext|resume|cv|cv text|resume text|lebenslauf|profile|profil|bio|desc|descr|job desc|job text|jd|jobtext|stellentext|aufgabenbeschreibung|tatigkeitsbeschreibung|taetigkeitsbeschreibung|kurzprofil|motivation",
    ),
    (
        Concept::Section,
        "responsibilities|requirements|qualifications|benefits|tasks|duties|what you will do|what we offer|who you are|aufgaben|anforderungen|qualifikation|qualifikationen|ihr profil|dein profil|anforderungsprofil|wir bieten|leistungen|missions|profil recherche|avantages|exigences|requisitos|funciones|beneficios|responsabilidades|taken|vereisten|functie eisen|wij bieden|requisiti|mansioni|krav|kvalifikationer|arbetsuppgifter",
    ),
    (
        Concept::Location,
        "location|job location|place|workplace|work location|locations|office|address|standort|arbeitsort|ort|einsatzort|lieu|lieu de travail|localisation|localite|ubicacion|lugar|lugar de trabajo|localidad|locatie|werklocatie|standplaats|plaats|luogo|sede|luogo di lavoro|plats|arbetsplats|arbetsort|wohnort|residence|dienstort|arbeitsstatte|arbeitsstaette|wunschort|ort der tatigkeit|loc|desired location",
    ),
    (
        Concept::City,
        "city|town|job city|location city|stadt|ville|ciudad|stad|citta|kommun|municipality|address locality",
    ),
    (
        Concept::Region,
        "region|state|province|county|job state|location state|bundesland|departement|provincia|comunidad autonoma|provincie|regione|lan|admin1|address region",
    ),
    (
        Concept::Country,
        "country|job country|location country|country code|nation|land|staat|pays|pais|paese|countrycode|address country",
    ),
    (
        Concept::Lat,
        "lat|latitude|breitengrad|geo lat|latitud|latitudine|breedtegraad",
    ),
    (
        Concept::Lon,
        "lon|lng|long|longitude|langengrad|laengengrad|geo lon|geo lng|longitud|longitudine|lengtegraad",
    ),
    (
        Concept::Remote,
        "remote|is remote|remote work|work mode|workplace type|work type location|telecommute|telecommuting|remote policy|remote ok|work arrangement|homeoffice|home office|arbeitsmodell|teletravail|teletrabajo|remoto|modalidad|thuiswerken|thuiswerk|lavoro da remoto|distans|distansarbete|remote status|wfh",
    ),
    (
        Concept::Skills,
        "skills|required skills|key skills|skill|technologies|tech stack|technology|tags|keywords|tools|competencies|skill set|kenntnisse|fahigkeiten|faehigkeiten|kompetenzen|skills required|technologien|competences|competences requises|habilidades|competencias|conocimientos|tecnologias|vaardigheden|competenties|competenze|kompetenser|fardigheter|skill list|hard skills|it kenntnisse|fachkenntnisse|skillset",
    ),
    (
        Concept::SkillsPreferred,
        "preferred skills|nice to have|desired skills|optional skills|skills preferred|skills nice to have|bonus skills|wunschkenntnisse|von vorteil|competences souhaitees|deseable|pre",
    ),
    (
        Concept::Years,
        "years|years experience|years of experience|experience years|min experience|minimum experience|years min|experience|yoe|berufserfahrung|jahre erfahrung|berufserfahrung jahre|erfahrung|annees d experience|experience requise|experience annees|anos de experiencia|anos experiencia|experiencia|jaren ervaring|ervaring|anni di esperienza|esperienza|erfarenhet|ar erfarenhet|berufsjahre|jahre berufserfahrung|exp years|years exp",
    ),
    (
        Concept::Pay,
        "salary|pay|compensation|salary range|pay range|wage|wages|remuneration|salary estimate|base salary|annual salary|estimated salary|rate|hourly rate|gehalt|jahresgehalt|lohn|verguetung|vergutung|gehaltsspanne|bruttogehalt|salaire|remuneration brute|salaire brut|salario|sueldo|rango salarial|retribucion|salaris|salarisindicatie|loon|retribuzione|stipendio|ral|lon|manadslon|gehaltswunsch|expected salary|desired salary|salary expectation|desired pay|gehaltsvorstellung|wunschgehalt|pretentions salariales|salaire souhaite|salary expectations|ctc",
    ),
    (
        Concept::PayMin,
        "salary from|salary min|min salary|minimum salary|pay min|pay from|compensation min|compensation minimum|salary low|gehalt von|gehalt min|mindestgehalt|gehalt ab|salaire min|salaire minimum|salaire de|salario minimo|salario desde|salario min|salaris van|salaris min|minimum salaris|retribuzione minima|lon fran|min amount|comp min|salary minimum|pay minimum|compensation from|comp from|wage min|wage from|salary range min|pay range min|base salary min|salary value min value|min value|salary min amount|salary min value",
    ),
    (
        Concept::PayMax,
        "salary to|salary max|max salary|maximum salary|pay max|pay to|compensation max|compensation maximum|salary high|gehalt bis|gehalt max|hochstgehalt|hoechstgehalt|salaire max|salaire maximum|salaire a|salario maximo|salario hasta|salario max|salaris tot|salaris max|maximum salaris|retribuzione massima|lon till|max amount|comp max|salary maximum|pay maximum|compensation to|comp to|wage max|wage to|salary range max|pay range max|base salary max|salary value max value|max value|salary max amount|salary max value",
    ),
    (
        Concept::Currency,
        "currency|salary currency|pay currency|compensation currency|currency code|waehrung|wahrung|devise|monnaie|moneda|divisa|valuta|comp currency|comp cur|salary cur|pay cur|cur|ccy|pay ccy|salary ccy|salary range currency",
    ),
    (
        Concept::Period,
        "period|pay period|salary period|salary interval|pay interval|salary unit|salary type|pay frequency|compensation frequency|salary frequency|gehaltszeitraum|zeitraum|periode|periodo|periodicite|interval|comp period|comp per|comp interval|per|unit text|salary value unit text|salary per|pay per|pay unit|comp unit",
    ),
    (
        Concept::Industry,
        "industry|sector|company industry|job industry|branche|wirtschaftszweig|secteur|secteur d activite|industria|sector empresarial|bransch|settore",
    ),
    (
        Concept::Category,
        "category|job category|department|function|job function|team|occupation group|field|area|kategorie|berufsfeld|abteilung|fachbereich|bereich|categorie|metier|departement entreprise|categoria|departamento|area funcional|vakgebied|afdeling|categorie baan|reparto|kategori|yrkesomrade|yrke|avdelning",
    ),
    (
        Concept::Contract,
        "contract|contract type|employment type|employmenttype|job type|work type|type of employment|contract kind|schedule|vertragsart|anstellungsart|beschaeftigungsart|beschaftigungsart|arbeitszeit|anstellung|type de contrat|contrat|type contrat|temps de travail|tipo de contrato|contrato|jornada|tipo contrato|contractvorm|dienstverband|soort contract|tipo di contratto|contratto|anstallningsform|anstallningstyp|omfattning|beschaftigungsverhaltnis|beschaeftigungsverhaeltnis|arbeitsverhaltnis|anstellungsverhaltnis|arbeitszeitmodell|befristung|beschaftigungsgrad",
    ),
    (
        Concept::Posted,
        "posted at|posted|date|date posted|posted date|posting date|publish date|published|published at|publication date|created|created at|created on|start posting|updated at|updated|last updated|modified|veroeffentlicht|veroffentlicht|veroffentlicht am|veroffentlichungsdatum|datum|erstellt|erstellt am|online seit|date de publication|publie le|date publication|date de creation|fecha|fecha de publicacion|publicado|publicada|datum geplaatst|geplaatst|geplaatst op|publicatiedatum|data pubblicazione|pubblicato|data|publicerad|publiceringsdatum|posted on|date listed|listing date|eingestellt am|veroeffentlicht am|ausschreibungsdatum|mise en ligne",
    ),
    (
        Concept::Expires,
        "expires at|expires|expiry|expiry date|expiration date|valid until|valid through|deadline|closing date|application deadline|apply by|close date|end date|gueltig bis|gultig bis|bewerbungsfrist|ablaufdatum|frist|date limite|date de fin|date d expiration|fecha limite|fecha de cierre|vence|sluitingsdatum|verloopt op|scadenza|sista ansokningsdag|ansok senast|bewerbungsschluss|bewerbung bis|expires on|date de cloture",
    ),
    (
        Concept::Url,
        "url|link|job url|apply url|job link|application url|posting url|web link|href|apply link|redirect url|landing page|stellenlink|bewerbungslink|anzeigen url|lien|lien de l offre|enlace|url vacature|vacaturelink|collegamento|lank|anzeigenlink|permalink|bewerbungs url|stellen url",
    ),
    (
        Concept::Language,
        "language|lang|job language|locale|sprache|langue|idioma|taal|lingua|sprak",
    ),
    (
        Concept::Languages,
        "languages|spoken languages|language skills|sprachen|sprachkenntnisse|langues|langues parlees|idiomas|talen|lingue|sprakkunskaper",
    ),
    (
        Concept::Source,
        "source|portal|job board|site|site name|platform|feed|via|quelle|fuente|bron|fonte|kalla",
    ),
    (
        Concept::Name,
        "name|full name|candidate name|first name|last name|applicant|vorname|nachname|nom|prenom|nom complet|nombre|apellidos|nombre completo|naam|voornaam|achternaam|nome|cognome|namn|fornamn|efternamn|bewerber|bewerbername|kandidat|kandidatenname|applicant name|candidat",
    ),
    (
        Concept::Email,
        "email|e mail|mail|email address|e mail adresse|adresse e mail|correo|correo electronico|courriel|e postadress|epost|contact email",
    ),
    (
        Concept::Phone,
        "phone|telephone|phone number|mobile|tel|telefon|telefonnummer|handy|telephone portable|telefono|movil|telefoon|telefoonnummer|cellulare|mobil|mobilnummer|handynummer|rufnummer",
    ),
    (
        Concept::Photo,
        "photo|picture|image|avatar|foto|bild|lichtbild",
    ),
    (
        Concept::Links,
        "links|linkedin|linkedin url|github|website|homepage|portfolio|xing|profile url|webseite|site web",
    ),
    (
        Concept::Education,
        "education|degree|qualification level|ausbildung|bildung|studium|abschluss|formation|diplome|educacion|formacion|estudios|opleiding|istruzione|utbildning",
    ),
    (
        Concept::OpenTo,
        "open to|looking for|availability|desired contract|seeking|verfugbarkeit|sucht|disponibilite|disponibilidad|beschikbaarheid",
    ),
];

/// A header in small letters without accents, marks and what stands in
/// brackets: `Job Title (EN)` → `job title`, `salaryFrom` → `salary from`.
pub(super) fn plain(header: &str) -> String {
    let mut made = String::new();
    let mut depth = 0_u32;
    let mut before = ' ';
    for letter in header.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            letter if letter.is_alphanumeric() => {
                if letter.is_uppercase() && before.is_lowercase() {
                    made.push(' ');
                }
                fold(letter, &mut made);
            }
            _ => made.push(' '),
        }
        before = letter;
    }
    made.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fold(letter: char, made: &mut String) {
    for letter in letter.to_lowercase() {
        made.push_str(match letter {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => "a",
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
            'ü' | 'ù' | 'ú' | 'û' => "u",
            'é' | 'è' | 'ê' | 'ë' => "e",
            'í' | 'ì' | 'î' | 'ï' => "i",
            'ñ' => "n",
            'ç' => "c",
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            other => {
                made.push(other);
                continue;
            }
        });
    }
}

/// All names.
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    NAMES
        .iter()
        .flat_map(|(_, names)| names.split('|'))
        .collect()
});

/// Whether a header is one of the names.
pub(super) fn is_known(header: &str) -> bool {
    KNOWN.contains(plain(header).as_str())
}

/// How well a header names a concept, 0 to 1, and why.
pub(super) fn likeness(header: &str, concept: Concept) -> (f64, &'static str) {
    let names = NAMES
        .iter()
        .find(|(known, _)| *known == concept)
        .map_or("", |(_, names)| *names);
    like_any(header, names.split('|'))
}

/// How well a header names one of `names`.
pub(super) fn like_any<'a>(
    header: &str,
    names: impl Iterator<Item = &'a str>,
) -> (f64, &'static str) {
    // Of a path the last member says most: "address.addressCountry"; where that
    // says little, with the one it is in: "job.org.name".
    let whole = plain(header);
    let mut members = header.rsplit('.').filter(|member| *member != "*");
    let last = members.next().unwrap_or(header);
    let inside = members
        .next()
        .map(|around| plain(&format!("{around}.{last}")));
    let last = plain(last);
    let words: Vec<&str> = whole.split(' ').collect();
    let mut best = (0.0, "");
    let mut raise = |score: f64, why: &'static str| {
        if score > best.0 {
            best = (score, why);
        }
    };
    for (place, name) in names.enumerate() {
        // Names further down are less telling.
        let rank = 0.001 * place as f64;
        if whole == name {
            raise(0.97 - rank, "the header says so");
        } else if inside.as_deref() == Some(name) {
            raise(0.92 - rank, "the members' names say so");
        } else if last == name {
            raise(0.9 - rank, "the member's name says so");
        } else if compound(&whole) == compound(name) {
            raise(0.93 - rank, "the header says so");
        } else if name.len() >= 3 && has_words(&words, name) {
            // "job title en", "salary eur": more words make it less sure.
            let more = words.len() - name.split(' ').count();
            raise(
                0.8 - 0.08 * more as f64 + 0.02 * name.split(' ').count() as f64 - rank,
                "the header has its words",
            );
        } else if name.len() >= 5 && strsim::jaro_winkler(&whole, name) >= 0.95 {
            raise(0.7 - rank, "the header is nearly its name");
        }
    }
    best
}

fn compound(text: &str) -> String {
    text.chars().filter(|c| *c != ' ').collect()
}

// Whether the words of a name stand in a header in a row.
fn has_words(words: &[&str], name: &str) -> bool {
    let name: Vec<&str> = name.split(' ').collect();
    words
        .windows(name.len())
        .any(|window| window == name.as_slice())
}

/// Words of headers that name what a row is, by the kind's name: whole words,
/// and beginnings of German compounds.
const KINDS: [(&str, &[&str], &[&str]); 2] = [
    (
        "jobs",
        &[
            "job", "jobs", "vacancy", "vacature", "poste", "offre", "oferta", "annons", "posting",
        ],
        &["stelle", "jobtitel", "jobtitle", "jobid", "stillings"],
    ),
    (
        "candidates",
        &[
            "candidate",
            "candidat",
            "candidato",
            "applicant",
            "resume",
            "cv",
            "prenom",
            "birthdate",
        ],
        &[
            "bewerber",
            "kandidat",
            "lebenslauf",
            "vorname",
            "nachname",
            "wunsch",
            "gehaltswunsch",
            "geburts",
        ],
    ),
];
/// Names of people, two words in English; a job's contact has no family name
/// of its own.
const PEOPLE: [&str; 5] = [
    "first name",
    "last name",
    "full name",
    "date of birth",
    "birth date",
];

/// How many headers name what the kind's documents are, less those that name
/// another kind's.
pub(super) fn lean<'a>(kind: &str, headers: impl Iterator<Item = &'a str>) -> i32 {
    let mut sum = 0;
    for header in headers {
        let plain = plain(header);
        for (name, words, starts) in KINDS {
            let mut own = plain.split(' ');
            let said = own.any(|word| {
                words.contains(&word) || starts.iter().any(|start| word.starts_with(start))
            });
            let said = said || name == "candidates" && PEOPLE.contains(&plain.as_str());
            if said {
                sum += if name == kind { 1 } else { -1 };
            }
        }
    }
    sum
}

/// The concept a field of a kind is, by its meaning, its type or its name. A title is
/// often called an occupation, but the field `occupation` has the names of a list.
pub(super) fn of_field(field: &Field) -> Option<Concept> {
    if field.meaning.as_deref() == Some("occupation") {
        return None;
    }
    let by_meaning = match field.meaning.as_deref() {
        Some("title") => Some(Concept::Title),
        Some("text") => Some(Concept::Description),
        Some("name") => Some(Concept::Company),
        Some("place") => Some(Concept::Location),
        Some("remote") => Some(Concept::Remote),
        Some("posted") => Some(Concept::Posted),
        Some("expires") => Some(Concept::Expires),
        Some("industry") => Some(Concept::Industry),
        Some("years") => Some(Concept::Years),
        Some("pay") => Some(Concept::Pay),
        Some("skills") => Some(Concept::Skills),
        Some("skills_preferred") => Some(Concept::SkillsPreferred),
        Some("language") => Some(Concept::Language),
        Some(_) | None => None,
    };
    by_meaning.or_else(|| {
        let name = plain(&field.name);
        let named = NAMES
            .iter()
            .find(|(_, names)| names.split('|').any(|known| known == name));
        named.map(|(concept, _)| *concept)
    })
}

/// The currency and the period a header names: `Salary (USD)`, `Jahresgehalt`.
pub(super) fn pay_words(header: &str) -> (Option<&'static str>, Option<&'static str>) {
    let (mut currency, mut period) = (None, None);
    for word in header.split(|c: char| !c.is_alphabetic() && !"$€£".contains(c)) {
        let lower = word.to_lowercase();
        let found = match word {
            "$" => None,
            _ => crate::mapping::value::money::code(word).filter(|_| !word.is_empty()),
        };
        currency = currency.or(found);
        period = period.or(match lower.as_str() {
            "hour" | "hourly" | "stundenlohn" | "horaire" => Some("hour"),
            "day" | "daily" | "tagessatz" | "tjm" => Some("day"),
            "month" | "monthly" | "monatsgehalt" | "mensuel" | "mensual" | "manadslon"
            | "månadslön" => Some("month"),
            "year" | "yearly" | "annual" | "annum" | "jahresgehalt" | "annuel" | "anual"
            | "ral" => Some("year"),
            _ => None,
        });
    }
    (currency, period)
}
