//! German and French ads. Owns their templates; duties come from the groups' data.

use super::career::Level;
use super::prose_ad::AdFacts;
use super::rng::Rng;
use super::words::{Style, capitalise, fill, join};

/// The language of an ad that is not English.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    German,
    French,
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

/// The title of an ad in the language, with the marks its ads have.
pub(super) fn title(
    rng: &mut Rng,
    local: Local,
    titles: &[&'static str],
    level: Level,
    desk: u8,
) -> String {
    let base = titles[rng.skewed(titles.len())];
    let leading = ["eiter", "Directeur", "Responsable", "Chef ", "Cadre"]
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
    let (words, duties) = match local {
        Local::German => (&GERMAN, &group.duties_de),
        Local::French => (&FRENCH, &group.duties_fr),
    };
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
        &said(facts, local, facts.required, words.and),
    ));
    if !facts.preferred.is_empty() {
        wants.push(filled(
            rng.say(words.plus),
            "skills",
            &said(facts, local, facts.preferred, words.and),
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
    out
}

/// The skills as the language says them.
fn said(facts: &AdFacts<'_>, local: Local, skills: &[&'static str], and: &str) -> String {
    let name = |skill: &&'static str| match (local, facts.data.skill_names(skill)) {
        (Local::German, Some((german, _))) => german.to_owned(),
        (Local::French, Some((_, french))) => french.to_owned(),
        (Local::German | Local::French, None) => (*skill).to_owned(),
    };
    let names: Vec<String> = skills.iter().map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    join(&names, and)
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
