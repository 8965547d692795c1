//! German, French and Spanish CVs. Owns their templates; who they are about comes in.

use super::career::Level;
use super::data::{Data, Occupation};
use super::prose_local::Local;
use super::rng::Rng;
use super::words::{Style, capitalise, fill, join};

struct Words {
    openers: &'static [&'static str],
    strengths: &'static [&'static str],
    work: &'static [&'static str],
    stints: &'static [&'static str],
    skills: &'static [&'static str],
}

const GERMAN: Words = Words {
    openers: &[
        "{title} mit {years} Jahren Berufserfahrung. Meine Schwerpunkte sind {skills}.",
        "Seit {years} Jahren arbeite ich als {title}, am liebsten rund um {skills}.",
        "Ich bin {title} und bringe Erfahrung in {skills} mit.",
        "Nach {years} Jahren im Beruf suche ich eine neue Aufgabe als {title}. Stark bin ich in {skills}.",
        "Berufserfahren, zuverlässig und gut organisiert: {title} mit Kenntnissen in {skills}.",
        "Was mich ausmacht: {years} Jahre Praxis, dazu fundierte Kenntnisse in {skills}. Zuletzt war ich {title}.",
    ],
    strengths: &[
        "Ich arbeite mich schnell ein und bin gern Teil eines Teams.",
        "Auch wenn es hektisch wird, behalte ich den Überblick.",
        "Führerschein Klasse B ist vorhanden.",
        "Neue Kolleginnen und Kollegen habe ich mehrfach eingearbeitet.",
        "Sorgfalt und Pünktlichkeit sind für mich selbstverständlich.",
        "Schichtarbeit ist für mich kein Problem.",
        "Ich suche eine langfristige Stelle in der Region.",
        "Zeugnisse reiche ich gern nach.",
        "Verantwortung übernehme ich gern.",
    ],
    work: &[
        "Beruflicher Werdegang",
        "Berufserfahrung",
        "Stationen",
        "Lebenslauf",
    ],
    stints: &[
        "Schwerpunkte: {skills}",
        "Zuständig für {skills}",
        "Aufgaben rund um {skills}",
        "Mitarbeit im Team, vor allem {skills}",
        "Eigenverantwortliche Arbeit in den Bereichen {skills}",
        "Tägliche Arbeit mit {skills}",
    ],
    skills: &["Kenntnisse: ", "Fähigkeiten: ", "Fachkenntnisse: "],
};

const FRENCH: Words = Words {
    openers: &[
        "{title} avec {years} ans d'expérience. Mes points forts : {skills}.",
        "Depuis {years} ans, je travaille comme {title}. Compétences principales : {skills}.",
        "Je suis {title} et j'apporte une solide pratique : {skills}.",
        "Après {years} ans dans le métier, je cherche un nouveau poste de {title}. Atouts : {skills}.",
        "Sérieux et organisé, {title} de métier. Domaines maîtrisés : {skills}.",
        "{years} ans de terrain, dernier poste : {title}. Savoir-faire : {skills}.",
    ],
    strengths: &[
        "J'apprends vite et j'aime le travail en équipe.",
        "Je garde mon calme dans les moments chargés.",
        "Permis B.",
        "J'ai formé plusieurs nouveaux collègues.",
        "Rigueur et ponctualité vont de soi.",
        "Le travail en horaires décalés me convient.",
        "Je recherche un poste durable dans la région.",
        "Références sur demande.",
        "Disponible rapidement.",
    ],
    work: &[
        "Expérience professionnelle",
        "Parcours",
        "Postes occupés",
        "Expériences",
    ],
    stints: &[
        "Travail quotidien : {skills}",
        "Responsable des sujets suivants : {skills}",
        "Missions autour de : {skills}",
        "En équipe, surtout : {skills}",
    ],
    skills: &["Compétences : ", "Savoir-faire : ", "Connaissances : "],
};

const SPANISH: Words = Words {
    openers: &[
        "{title} con {years} años de experiencia. Mis puntos fuertes: {skills}.",
        "Desde hace {years} años trabajo como {title}. Principales competencias: {skills}.",
        "Soy {title} y aporto experiencia en {skills}.",
        "Tras {years} años en el oficio busco un nuevo puesto de {title}. Destaco en {skills}.",
        "Persona responsable y organizada. {title} con conocimientos de {skills}.",
        "{years} años de práctica, el último puesto como {title}. Domino {skills}.",
    ],
    strengths: &[
        "Aprendo rápido y me gusta trabajar en equipo.",
        "Mantengo la calma cuando hay mucho trabajo.",
        "Carné de conducir B y vehículo propio.",
        "He formado a varios compañeros nuevos.",
        "La puntualidad y el cuidado son mi norma.",
        "El trabajo a turnos no es un problema.",
        "Busco un puesto estable en la zona.",
        "Referencias a petición.",
        "Incorporación inmediata.",
    ],
    work: &[
        "Experiencia profesional",
        "Trayectoria",
        "Experiencia laboral",
        "Puestos anteriores",
    ],
    stints: &[
        "Trabajo diario: {skills}",
        "Responsable de {skills}",
        "Tareas relacionadas con {skills}",
        "En equipo, sobre todo {skills}",
    ],
    skills: &["Competencias: ", "Conocimientos: ", "Habilidades: "],
};

fn words(local: Local) -> &'static Words {
    match local {
        Local::German => &GERMAN,
        Local::French => &FRENCH,
        Local::Spanish => &SPANISH,
    }
}

fn said(
    local: Local,
    data: &Data,
    skills: impl Iterator<Item = &'static str>,
) -> Vec<&'static str> {
    skills.map(|skill| local.skill(data, skill)).collect()
}

/// What one job was about, in a few lines: duties where the language says them without a subject, and skills.
pub(super) fn stint(
    rng: &mut Rng,
    local: Local,
    data: &Data,
    occupation: &Occupation,
    skills: &[&'static str],
) -> Vec<String> {
    let duties: &[&'static str] = match local {
        // German duties address the reader.
        Local::German => &[],
        Local::French | Local::Spanish => &data.groups[occupation.group].duties[local as usize],
    };
    let count = rng.between(1, 3);
    let mut lines: Vec<String> = rng
        .some(duties, count)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let count = rng.between(2, 3);
    for _ in 0..if duties.is_empty() { 2 } else { 1 } {
        let chosen = said(local, data, rng.some(skills, count).into_iter());
        let mut line = String::new();
        let template = rng.say(words(local).stints);
        fill(
            &mut line,
            template,
            &[("skills", &join(&chosen, local.and()))],
        );
        capitalise(&mut line, 0);
        lines.push(line);
    }
    lines
}

/// The text of a CV, 60 to 300 words. `jobs` are titles and lines, newest first.
pub(super) fn cv(
    rng: &mut Rng,
    local: Local,
    data: &Data,
    (title, years): (&str, f64),
    skills: &[&'static str],
    jobs: &[(String, Vec<String>)],
) -> String {
    let words = words(local);
    let mut out = String::with_capacity(1_800);
    let years = format!("{:.0}", years.max(2.0).floor());
    let best = join(
        &said(local, data, skills.iter().copied().take(3)),
        local.and(),
    );
    let values = [("title", title), ("years", &*years), ("skills", &*best)];
    fill(&mut out, rng.say(words.openers), &values);
    let count = rng.between(1, 3);
    for strength in rng.some(words.strengths, count) {
        out.push(' ');
        out.push_str(strength);
    }
    out.push_str("\n\n");
    out.push_str(rng.say(words.work));
    out.push('\n');
    let style = Style::draw(rng);
    for (title, lines) in jobs {
        style.list(&mut out, title, lines.iter().map(String::as_str));
    }
    out.push('\n');
    out.push_str(rng.say(words.skills));
    out.push_str(&said(local, data, skills.iter().copied()).join(", "));
    while out.split_whitespace().count() < 60 {
        out.push_str("\n\n");
        fill(&mut out, rng.say(words.openers), &values);
        out.push(' ');
        out.push_str(rng.say(words.strengths));
    }
    out
}

/// The degree of the occupation, got in the year.
pub(super) fn degree(rng: &mut Rng, local: Local, occupation: &Occupation, year: i64) -> String {
    let zone = usize::from(occupation.zone.clamp(1, 5)) - 1;
    let names: [&[&'static str]; 5] = match local {
        Local::German => [
            &["Hauptschulabschluss", "Realschulabschluss"],
            &["Realschulabschluss", "Abgeschlossene Berufsausbildung"],
            &["Abgeschlossene Berufsausbildung", "Meisterprüfung"],
            &["Bachelor of Science", "Bachelor of Arts", "Diplom (FH)"],
            &["Master of Science", "Diplom", "Promotion"],
        ],
        Local::French => [
            &["Brevet des collèges"],
            &["CAP", "BEP"],
            &["Baccalauréat professionnel", "BTS"],
            &["Licence", "BUT"],
            &["Master", "Diplôme d'ingénieur", "Doctorat"],
        ],
        Local::Spanish => [
            &["Educación secundaria obligatoria"],
            &["Formación profesional de grado medio", "Bachillerato"],
            &["Formación profesional de grado superior"],
            &["Grado universitario", "Diplomatura"],
            &["Máster universitario", "Licenciatura", "Doctorado"],
        ],
    };
    format!("{}, {year}", rng.say(names[zone]))
}

/// The title as a CV says it, with its level where the language puts one in front.
pub(super) fn title(base: &'static str, local: Local, level: Level, desk: u8) -> String {
    let senior = level >= Level::Senior && desk == 2 && !base.contains("eiter");
    match local {
        Local::German if senior => format!("Senior {base}"),
        Local::German | Local::French | Local::Spanish => base.to_owned(),
    }
}
