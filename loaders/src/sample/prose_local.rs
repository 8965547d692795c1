//! German, French and Spanish ads. Owns their templates; duties come from the groups' data.

use super::career::Level;
use super::data::Data;
use super::prose_ad::AdFacts;
use super::rng::Rng;
use super::words::{Style, capitalise, fill, join};

/// The language of a document that is not English, in the order `Common::titles` has them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    German,
    French,
    Spanish,
}

impl Local {
    /// BCP 47.
    pub(super) fn code(self) -> &'static str {
        ["de", "fr", "es"][self as usize]
    }

    fn words(self) -> &'static Words {
        match self {
            Self::German => &GERMAN,
            Self::French => &FRENCH,
            Self::Spanish => &SPANISH,
        }
    }

    /// "and"
    pub(super) fn and(self) -> &'static str {
        self.words().and
    }

    /// The skill as the language says it.
    pub(super) fn skill(self, data: &Data, skill: &'static str) -> &'static str {
        data.skill_names(skill)
            .map_or(skill, |names| names[self as usize])
    }
}

struct Words {
    intros: &'static [&'static str],
    duty_heads: &'static [&'static str],
    want_heads: &'static [&'static str],
    give_heads: &'static [&'static str],
    skills: &'static [&'static str],
    plus: &'static [&'static str],
    years: &'static [&'static str],
    traits: &'static [&'static str],
    benefits: &'static [&'static str],
    remote: &'static str,
    hybrid: &'static str,
    closings: &'static [&'static str],
    and: &'static str,
}

const GERMAN: Words = Words {
    intros: &[
        "{company} ist ein etabliertes Unternehmen aus {city}. Zur Verstärkung unseres Teams suchen wir Unterstützung als {title}.",
        "Für unseren Standort in {city} suchen wir zum nächstmöglichen Zeitpunkt: {title}.",
        "Sie möchten sich beruflich verändern? Bei {company} in {city} erwartet Sie eine abwechslungsreiche Aufgabe als {title}.",
        "Wir wachsen weiter! {company} sucht in {city} Verstärkung: {title}.",
        "Seit {age} Jahren steht {company} für Qualität und Verlässlichkeit. Werden Sie Teil unseres Teams in {city} als {title}.",
        "{company} beschäftigt {staff} Mitarbeitende. In {city} ist ab sofort eine Stelle zu besetzen: {title}.",
        "Gute Arbeit braucht gute Leute. Deshalb sucht {company} in {city}: {title}.",
    ],
    duty_heads: &[
        "Ihre Aufgaben",
        "Das erwartet Sie",
        "Aufgabengebiet",
        "Ihr Verantwortungsbereich",
        "Was Sie bei uns tun",
    ],
    want_heads: &[
        "Ihr Profil",
        "Das bringen Sie mit",
        "Anforderungen",
        "Was wir uns wünschen",
        "Damit überzeugen Sie uns",
    ],
    give_heads: &[
        "Wir bieten",
        "Ihre Vorteile",
        "Darauf können Sie sich freuen",
        "Das bieten wir Ihnen",
    ],
    skills: &[
        "Kenntnisse in {skills}",
        "Sicherer Umgang mit {skills}",
        "Erfahrung mit {skills}",
        "Gute Kenntnisse: {skills}",
    ],
    plus: &[
        "Von Vorteil: {skills}",
        "Idealerweise Erfahrung mit {skills}",
        "Wünschenswert: {skills}",
    ],
    years: &[
        "Mindestens {years} Jahre Berufserfahrung",
        "Berufserfahrung von {years} Jahren oder mehr",
        "{years} Jahre Erfahrung in vergleichbarer Position",
    ],
    traits: &[
        "Abgeschlossene Berufsausbildung oder vergleichbare Qualifikation",
        "Selbstständige und sorgfältige Arbeitsweise",
        "Teamfähigkeit und Zuverlässigkeit",
        "Gute Deutschkenntnisse in Wort und Schrift",
        "Freude am Umgang mit Menschen",
        "Organisationstalent",
        "Englischkenntnisse",
        "Führerschein Klasse B",
        "Bereitschaft zur Schichtarbeit",
        "Quereinsteiger sind willkommen",
        "Belastbarkeit, auch wenn es einmal hektisch wird",
        "Kundenorientiertes Auftreten",
    ],
    benefits: &[
        "30 Tage Urlaub",
        "Unbefristeter Arbeitsvertrag",
        "Flexible Arbeitszeiten",
        "Betriebliche Altersvorsorge",
        "Jobticket",
        "Fort- und Weiterbildungen",
        "Kostenlose Getränke und frisches Obst",
        "Kollegiales Team mit kurzen Wegen",
        "Weihnachts- und Urlaubsgeld",
        "Gründliche Einarbeitung",
        "Vermögenswirksame Leistungen",
        "Jobrad-Leasing",
        "Kantine vor Ort",
        "Kostenlose Parkplätze",
    ],
    remote: "Arbeiten vollständig im Homeoffice",
    hybrid: "Mobiles Arbeiten an zwei bis drei Tagen pro Woche",
    closings: &[
        "Wir freuen uns auf Ihre Bewerbung!",
        "Bewerben Sie sich jetzt mit Lebenslauf und frühestem Eintrittstermin.",
        "Haben wir Ihr Interesse geweckt? Dann bewerben Sie sich noch heute.",
        "Bewerbungen von Menschen mit Behinderung sind ausdrücklich erwünscht.",
        "Bei Fragen hilft Ihnen unsere Personalabteilung gern weiter.",
    ],
    and: "und",
};

const FRENCH: Words = Words {
    intros: &[
        "{company}, entreprise implantée à {city}, renforce ses équipes. Poste à pourvoir : {title}.",
        "Dans le cadre de notre développement, nous recrutons à {city} : {title}.",
        "Rejoignez {company} à {city} ! Le poste : {title}.",
        "Depuis {age} ans, {company} accompagne ses clients dans toute la région. Nous recherchons pour notre site de {city} : {title}.",
        "{company} compte {staff} collaborateurs et recrute à {city}. Poste proposé : {title}.",
        "Vous cherchez un nouveau défi ? {company} vous attend à {city}. Poste : {title}.",
        "Nous sommes une équipe à taille humaine à {city}. {company} recrute : {title}.",
    ],
    duty_heads: &[
        "Vos missions",
        "Missions principales",
        "Le poste",
        "Votre rôle",
        "Au quotidien",
    ],
    want_heads: &[
        "Votre profil",
        "Profil recherché",
        "Compétences attendues",
        "Vous êtes notre futur collègue si",
        "Ce que nous recherchons",
    ],
    give_heads: &[
        "Nous vous proposons",
        "Avantages",
        "Ce que nous offrons",
        "Pourquoi nous rejoindre",
    ],
    skills: &[
        "Compétences : {skills}",
        "Expérience : {skills}",
        "Savoir-faire : {skills}",
        "Bonnes connaissances : {skills}",
    ],
    plus: &[
        "{skills} : un plus",
        "Atouts : {skills}",
        "Idéalement : {skills}",
    ],
    years: &[
        "Au moins {years} ans d'expérience",
        "Expérience de {years} ans minimum sur un poste similaire",
        "{years} ans d'expérience exigés",
    ],
    traits: &[
        "Formation ou diplôme dans le domaine",
        "Rigueur et sens de l'organisation",
        "Esprit d'équipe",
        "Autonomie et réactivité",
        "Bon relationnel",
        "Anglais professionnel",
        "Permis B",
        "Débutants acceptés, formation assurée",
        "Ponctualité et discrétion",
        "Goût du service",
        "Capacité d'adaptation",
    ],
    benefits: &[
        "Titres-restaurant",
        "Mutuelle prise en charge à 60 %",
        "RTT",
        "Prime annuelle",
        "Participation aux frais de transport",
        "Formation interne",
        "13e mois",
        "Horaires souples",
        "Comité d'entreprise",
        "Équipe accueillante",
        "Parking gratuit",
        "Intéressement",
    ],
    remote: "Télétravail complet",
    hybrid: "Deux jours de télétravail par semaine",
    closings: &[
        "Envoyez-nous votre CV.",
        "Nous avons hâte de vous rencontrer !",
        "Poste à pourvoir dès que possible.",
        "Toutes nos offres sont ouvertes aux personnes en situation de handicap.",
        "Réponse sous dix jours.",
    ],
    and: "et",
};

const SPANISH: Words = Words {
    intros: &[
        "{company}, empresa ubicada en {city}, amplía su equipo. Puesto: {title}.",
        "Para nuestro centro de {city} buscamos incorporar: {title}.",
        "¿Buscas un nuevo reto? {company} te espera en {city}. Puesto ofertado: {title}.",
        "Desde hace {age} años {company} acompaña a sus clientes en toda la región. Buscamos para {city}: {title}.",
        "{company} cuenta con {staff} profesionales y selecciona en {city}: {title}.",
        "Únete a {company} en {city}. El puesto: {title}.",
        "Somos un equipo cercano en {city}. En {company} necesitamos: {title}.",
    ],
    duty_heads: &[
        "Funciones",
        "Tus funciones",
        "Qué harás",
        "Responsabilidades",
        "Tareas principales",
    ],
    want_heads: &[
        "Requisitos",
        "Tu perfil",
        "Qué buscamos",
        "Perfil requerido",
        "Qué pedimos",
    ],
    give_heads: &["Ofrecemos", "Qué ofrecemos", "Beneficios", "Condiciones"],
    skills: &[
        "Conocimientos de {skills}",
        "Experiencia en {skills}",
        "Se requiere: {skills}",
        "Buen manejo de {skills}",
    ],
    plus: &[
        "Se valorará: {skills}",
        "Deseable: {skills}",
        "Puntos a favor: {skills}",
    ],
    years: &[
        "Al menos {years} años de experiencia",
        "Experiencia mínima de {years} años en un puesto similar",
        "{years} años de experiencia demostrable",
    ],
    traits: &[
        "Formación en el área",
        "Persona organizada y responsable",
        "Capacidad de trabajo en equipo",
        "Autonomía y ganas de aprender",
        "Buen trato con las personas",
        "Nivel medio de inglés",
        "Carné de conducir B",
        "Disponibilidad para trabajar a turnos",
        "No es imprescindible experiencia, te formamos",
        "Puntualidad y discreción",
        "Orientación al cliente",
        "Residencia cercana al puesto de trabajo",
    ],
    benefits: &[
        "Contrato indefinido",
        "Horario flexible",
        "Formación a cargo de la empresa",
        "Seguro médico",
        "Tickets restaurante",
        "23 días laborables de vacaciones",
        "Plus de transporte",
        "Jornada intensiva en verano",
        "Buen ambiente de trabajo",
        "Aparcamiento gratuito",
        "Posibilidades de promoción",
        "Retribución según convenio",
        "Descuentos para empleados",
    ],
    remote: "Teletrabajo al 100 %",
    hybrid: "Dos días de teletrabajo a la semana",
    closings: &[
        "Envíanos tu currículum.",
        "Te esperamos.",
        "Incorporación inmediata.",
        "Fomentamos la igualdad de oportunidades.",
        "Respondemos a todas las candidaturas.",
        "Inscríbete y nos pondremos en contacto contigo.",
    ],
    and: "y",
};

/// The title of an ad in the language, with the marks its ads have.
pub(super) fn title(
    rng: &mut Rng,
    local: Local,
    titles: &[&'static str],
    level: Level,
    desk: u8,
) -> String {
    let base = titles[rng.skewed(titles.len())];
    let leading = [
        "eiter",
        "Direct",
        "Responsable",
        "Chef ",
        "Cadre",
        "Jefe",
        "Encargado",
        "Supervisor",
    ]
    .iter()
    .any(|word| base.contains(word));
    let prefix = match level {
        Level::Senior if desk == 2 && !leading => "Senior ",
        Level::Junior if desk == 2 && !leading => "Junior ",
        Level::Junior | Level::Mid | Level::Senior | Level::Lead => "",
    };
    match local {
        Local::German => format!(
            "{prefix}{base} {}",
            rng.say(&["(m/w/d)", "(m/w/d)", "(w/m/d)", "(gn)"])
        ),
        Local::French if prefix.is_empty() => {
            format!("{base} {}", rng.say(&["H/F", "(H/F)", "F/H"]))
        }
        Local::Spanish => format!(
            "{base}{}{}",
            match (level, prefix.is_empty()) {
                (_, true) => "",
                (Level::Senior, _) => " sénior",
                (_, _) => " júnior",
            },
            rng.say(&["", " (H/M)", " H/M", " (m/f)"])
        ),
        Local::French => format!(
            "{base} {} {}",
            if level == Level::Senior {
                "confirmé"
            } else {
                "junior"
            },
            rng.say(&["H/F", "(H/F)"])
        ),
    }
}

/// The description of an ad in the language.
pub(super) fn ad(rng: &mut Rng, local: Local, facts: &AdFacts<'_>) -> String {
    let group = &facts.data.groups[facts.occupation.group];
    let duties = &group.duties[local as usize];
    let words = local.words();
    let mut out = String::with_capacity(1_400);
    let (age, staff) = (
        rng.between(6, 90).to_string(),
        rng.say(&["20", "45", "80", "150", "300", "700", "1 500"]),
    );
    let values = [
        ("company", facts.company),
        ("city", facts.city),
        ("title", facts.title),
        ("age", &*age),
        ("staff", staff),
    ];
    fill(&mut out, rng.say(words.intros), &values);
    out.push_str("\n\n");
    let count = rng.between(3, 5);
    let chosen = rng.some(duties, count);
    let style = Style::draw(rng);
    section(&mut out, rng, style, words.duty_heads, &chosen);

    let mut wants: Vec<String> = Vec::new();
    if let Some(years) = facts.years.filter(|years| *years > 1) {
        wants.push(filled(rng.say(words.years), "years", &years.to_string()));
    }
    wants.push(filled(
        rng.say(words.skills),
        "skills",
        &said(facts, local, facts.required),
    ));
    if !facts.preferred.is_empty() {
        wants.push(filled(
            rng.say(words.plus),
            "skills",
            &said(facts, local, facts.preferred),
        ));
    }
    let count = rng.between(2, 3);
    wants.extend(rng.some(words.traits, count).into_iter().map(str::to_owned));
    let lines: Vec<&str> = wants.iter().map(String::as_str).collect();
    section(&mut out, rng, style, words.want_heads, &lines);

    let count = rng.between(3, 5);
    let mut gives = rng.some(words.benefits, count);
    match facts.remote {
        Some("remote") => gives.push(words.remote),
        Some("hybrid") => gives.push(words.hybrid),
        Some(_) | None => {}
    }
    section(&mut out, rng, style, words.give_heads, &gives);
    out.push_str(rng.say(words.closings));
    while out.split_whitespace().count() < 60 {
        out.push_str("\n\n");
        fill(&mut out, rng.say(words.intros), &values);
    }
    out
}

/// The skills as the language says them.
fn said(facts: &AdFacts<'_>, local: Local, skills: &[&'static str]) -> String {
    let names: Vec<&str> = skills
        .iter()
        .map(|skill| local.skill(facts.data, skill))
        .collect();
    join(&names, local.and())
}

fn filled(template: &str, name: &str, value: &str) -> String {
    let mut out = String::with_capacity(template.len() + value.len());
    fill(&mut out, template, &[(name, value)]);
    capitalise(&mut out, 0);
    out
}

fn section(out: &mut String, rng: &mut Rng, style: Style, heads: &[&'static str], lines: &[&str]) {
    style.list(out, rng.say(heads), lines.iter().copied());
    out.push('\n');
}
