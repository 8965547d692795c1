//! Invented tables in four languages, and what is to be proposed for them.

use super::*;
use serde_json::json;

fn fields(list: &str) -> Vec<Field> {
    list.split_whitespace()
        .map(|field| {
            let parts: Vec<&str> = field.split(':').collect();
            Field {
                name: parts[0].to_owned(),
                field_type: parts[1].to_owned(),
                meaning: parts.get(2).map(|meaning| (*meaning).to_owned()),
            }
        })
        .collect()
}

pub(super) fn jobs() -> Vec<Field> {
    fields(
        "title:text:title company:keyword:name description:text:text location:place:place \
         remote:keyword:remote skills:skills:skills skills_preferred:skills:skills_preferred \
         years_min:number:years pay:pay:pay industry:keyword:industry occupation:keyword:occupation category:keyword contract:keyword \
         source:keyword posted_at:date:posted expires_at:date:expires url:stored",
    )
}

fn candidates() -> Vec<Field> {
    fields(
        "headline:text:title text:text:text skills:skills:skills years:number:years experience:positions \
         education:text location:place:place remote:keyword:remote pay_wanted:pay:pay industry:keyword:industry occupation:keyword:occupation \
         category:keyword open_to:keyword languages:keyword source:keyword updated_at:date:posted name:private \
         email:private phone:private photo:private links:private",
    )
}

/// Lines of cells between bars, the first is the header.
pub(super) fn table(text: &str) -> (Vec<String>, Vec<Record>) {
    let mut lines = text.trim().lines();
    let cells = |line: &str| -> Vec<String> {
        let cells = line.split('¦');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let header = cells(lines.next().unwrap());
    let records = lines.enumerate().map(|(place, line)| {
        let cells = cells(line);
        assert_eq!(cells.len(), header.len(), "{line}");
        let fields = header
            .iter()
            .cloned()
            .zip(cells.into_iter().map(Value::from));
        Record {
            number: place as u64 + 2,
            fields: fields.collect(),
        }
    });
    let records = records.collect();
    (header, records)
}

/// `field < column + column`, one a line.
fn check(kind: &[Field], text: &str, expected: &str) -> usize {
    let (header, records) = table(text);
    let proposal = propose("kind", kind, &header, &records);
    let toml = proposal.to_toml("table.csv");
    let found: BTreeSet<String> = proposal
        .fields
        .iter()
        .map(|field| format!("{} < {}", field.field, field.columns.join(" + ")))
        .map(|line| line.trim().to_owned())
        .collect();
    let expected: BTreeSet<String> = expected
        .trim()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect();
    assert_eq!(found, expected, "\n{toml}");
    let mapping = proposal
        .mapping()
        .unwrap_or_else(|error| panic!("{error}\n{toml}"));
    mapping.check_fields(kind).unwrap();
    mapping
        .check_columns(&header.into_iter().collect())
        .unwrap();
    for record in &records {
        let mapped = mapping.map(record);
        assert_eq!(
            (mapped.documents.len(), &mapped.rejects[..]),
            (1, &[][..]),
            "\n{toml}"
        );
    }
    expected.len()
}

const ENGLISH: &str = "
Job Ref ¦ Job Title (EN) ¦ Company Name ¦ Job Location ¦ Salary Range ¦ Date Posted ¦ Closing Date ¦ Employment Type ¦ Full Description ¦ Apply URL ¦ Internal Notes
A-1 ¦ Data Engineer ¦ Acme Ltd ¦ London, UK ¦ £45,000 - £55,000 per annum ¦ 03/04/2026 ¦ 30/04/2026 ¦ Full-time ¦ We are looking for an engineer who builds pipelines. ¦ https://example.org/1 ¦ x
A-2 ¦ Nurse ¦ City Clinic ¦ Leeds, UK ¦ £20 an hour ¦ 28/03/2026 ¦ 12/05/2026 ¦ Part-time ¦ You will care for patients on two wards of the clinic. ¦ https://example.org/2 ¦
A-3 ¦ Driver ¦ Acme Ltd ¦ Bristol, UK ¦ Competitive ¦ 01/02/2026 ¦ ¦ Contract ¦ Deliver goods in the south west, five days a week. ¦ https://example.org/3 ¦ y
";

const GERMAN: &str = "
Kennziffer ¦ Stellenbezeichnung ¦ Arbeitgeber ¦ Einsatzort ¦ Bundesland ¦ Aufgaben ¦ Anforderungen ¦ Gehalt von ¦ Gehalt bis ¦ Währung ¦ Gehaltszeitraum ¦ Veröffentlicht am ¦ Vertragsart ¦ Branche ¦ Homeoffice ¦ Kenntnisse
1001 ¦ Softwareentwickler (m/w/d) ¦ Muster GmbH ¦ Köln ¦ Nordrhein-Westfalen ¦ Sie entwickeln Software für die Logistik. ¦ Drei Jahre Erfahrung mit Rust. ¦ 60.000 ¦ 75.000 ¦ EUR ¦ Jahr ¦ 03.03.2026 ¦ Festanstellung ¦ IT ¦ Hybrid ¦ Rust; Go; SQL
1002 ¦ Pflegefachkraft ¦ Klinik am See ¦ Ulm ¦ Baden-Württemberg ¦ Sie pflegen Menschen auf der Station. ¦ Abgeschlossene Ausbildung. ¦ 3.200 ¦ 3.900 ¦ EUR ¦ Monat ¦ 05.03.2026 ¦ Teilzeit ¦ Gesundheit ¦ vor Ort ¦ Pflege; Empathie
";

const FRENCH: &str = "
Référence ¦ Intitulé du poste ¦ Entreprise ¦ Lieu de travail ¦ Type de contrat ¦ Salaire (EUR) ¦ Date de publication ¦ Descriptif ¦ Profil recherché ¦ Compétences ¦ Secteur d'activité ¦ Télétravail
F1 ¦ Comptable H/F ¦ Dupont SA ¦ Lyon, France ¦ CDI ¦ Annuel de 30000 à 35000 ¦ 3 mars 2026 ¦ Vous tenez la comptabilité générale de la société. ¦ Vous avez un diplôme et de la rigueur. ¦ Sage, Excel, Paie ¦ Finance ¦ oui
F2 ¦ Serveur H/F ¦ Café Bleu ¦ Paris, France ¦ CDD ¦ 12,50 € / heure ¦ 12 mars 2026 ¦ Vous servez les clients en salle et en terrasse. ¦ Vous aimez le contact et parlez anglais. ¦ Accueil, Anglais, Caisse ¦ Restauration ¦ non
";

const SPANISH: &str = "
Código ¦ Título del puesto ¦ Empresa ¦ Ciudad ¦ Provincia ¦ País ¦ Salario mínimo ¦ Salario máximo ¦ Moneda ¦ Fecha de publicación ¦ Fecha límite ¦ Jornada ¦ Descripción del puesto ¦ Requisitos ¦ Años de experiencia ¦ Modalidad ¦ Enlace
11 ¦ Desarrollador Java ¦ Sol SL ¦ Madrid ¦ Madrid ¦ España ¦ 30000 ¦ 40000 ¦ EUR ¦ 2026-03-01 ¦ 2026-04-01 ¦ Completa ¦ Buscamos una persona para desarrollar servicios. ¦ Experiencia con Spring y SQL. ¦ 3 ¦ Remoto ¦ https://example.org/11
12 ¦ Camarera ¦ Mar SL ¦ Cádiz ¦ Cádiz ¦ España ¦ 18000 ¦ 20000 ¦ EUR ¦ 2026-03-05 ¦ 2026-04-05 ¦ Parcial ¦ Servir mesas en un restaurante de la playa. ¦ Buen trato con clientes. ¦ 1 ¦ Presencial ¦ https://example.org/12
";

const CAMEL: &str = "
jobId ¦ jobTitle ¦ companyName ¦ jobCity ¦ countryCode ¦ latitude ¦ longitude ¦ salaryFrom ¦ salaryTo ¦ salaryCurrency ¦ isRemote ¦ techStack ¦ niceToHave ¦ minExperience ¦ publishedAt ¦ jobDescription ¦ lang
7 ¦ Go Developer ¦ Nord AB ¦ Malmö ¦ SE ¦ 55.605 ¦ 13.0038 ¦ 480000 ¦ 560000 ¦ SEK ¦ true ¦ Go, Kubernetes, AWS ¦ Rust, Nix ¦ 3+ years ¦ 1764205361939 ¦ <p>Build <b>services</b> with us.</p><ul><li>Go</li></ul> ¦ en
8 ¦ Data Analyst ¦ Syd AB ¦ Lund ¦ SE ¦ 55.705 ¦ 13.1910 ¦ 420000 ¦ 500000 ¦ SEK ¦ false ¦ SQL, dbt, Excel ¦ R ¦ 2 years ¦ 1764205361000 ¦ <p>Answer <b>questions</b> with data.</p> ¦ sv
";

const BY_LOOKS: &str = "
c1 ¦ c2 ¦ c3 ¦ c4 ¦ c5 ¦ title
$60,000 - $70,000 a year ¦ 2026-03-01 ¦ Austin, TX ¦ https://example.org/a ¦ Excel, SQL, Tableau ¦ Analyst
$80,000 a year ¦ 2026-03-02 ¦ Boston, MA ¦ https://example.org/b ¦ Python, Spark, Airflow ¦ Engineer
$50/hr ¦ 2026-03-05 ¦ Denver, CO ¦ https://example.org/c ¦ Figma, Sketch, CSS ¦ Designer
";

const CVS: &str = "
Candidate ID ¦ First Name ¦ Last Name ¦ E-Mail ¦ Phone Number ¦ Current Title ¦ Key Skills ¦ Years of Experience ¦ City ¦ Country ¦ Expected Salary ¦ Spoken Languages ¦ LinkedIn ¦ Resume Text ¦ Last Updated
c1 ¦ Ada ¦ Example ¦ ada@example.org ¦ +44 20 7946 0000 ¦ Backend Engineer ¦ Rust|Go|SQL ¦ 7 ¦ Leeds ¦ United Kingdom ¦ £70k ¦ English, French ¦ https://linkedin.example/ada ¦ Seven years of services in Rust and Go for banks. ¦ 2026-01-05
c2 ¦ Ben ¦ Example ¦ ben@example.org ¦ +44 20 7946 0001 ¦ Nurse ¦ Triage|Care ¦ 3 ¦ York ¦ United Kingdom ¦ £35k ¦ English ¦ https://linkedin.example/ben ¦ Three years on wards, night shifts and emergencies. ¦ 2026-02-01
";

const GERMAN_CVS: &str = "
Nummer ¦ Vorname ¦ Nachname ¦ E-Mail-Adresse ¦ Telefonnummer ¦ Beruf ¦ Fähigkeiten ¦ Berufserfahrung ¦ Wohnort ¦ Gehaltswunsch ¦ Sprachkenntnisse ¦ Lebenslauf
1 ¦ Eva ¦ Muster ¦ eva@example.org ¦ 0221 000000 ¦ Buchhalterin ¦ DATEV, Excel ¦ 5 Jahre ¦ Köln ¦ 48.000 € im Jahr ¦ Deutsch, Englisch ¦ Fünf Jahre Buchhaltung in einem Handelsunternehmen.
2 ¦ Tom ¦ Muster ¦ tom@example.org ¦ 0221 000001 ¦ Fahrer ¦ Führerschein C, Stapler ¦ 2 Jahre ¦ Bonn ¦ 36.000 € im Jahr ¦ Deutsch ¦ Zwei Jahre im Nahverkehr, davor im Lager.
";

#[test]
fn tables_in_four_languages_find_their_fields() {
    let (jobs, candidates) = (jobs(), candidates());
    let proposals = [
        check(
            &jobs,
            ENGLISH,
            "id < Job Ref\ntitle < Job Title (EN)\ncompany < Company Name\nlocation < Job Location\npay < Salary Range
             posted_at < Date Posted\nexpires_at < Closing Date\ncontract < Employment Type\ndescription < Full Description\nurl < Apply URL",
        ),
        check(
            &jobs,
            GERMAN,
            "id < Kennziffer\ntitle < Stellenbezeichnung\ncompany < Arbeitgeber\nlocation < Einsatzort + Bundesland
             description < Aufgaben + Anforderungen\npay < Gehalt von + Gehalt bis + Währung + Gehaltszeitraum
             posted_at < Veröffentlicht am\ncontract < Vertragsart\nindustry < Branche\nremote < Homeoffice\nskills < Kenntnisse",
        ),
        check(
            &jobs,
            FRENCH,
            "id < Référence\ntitle < Intitulé du poste\ncompany < Entreprise\nlocation < Lieu de travail\ncontract < Type de contrat
             pay < Salaire (EUR)\nposted_at < Date de publication\ndescription < Descriptif + Profil recherché
             skills < Compétences\nindustry < Secteur d'activité\nremote < Télétravail",
        ),
        check(
            &jobs,
            SPANISH,
            "id < Código\ntitle < Título del puesto\ncompany < Empresa\nlocation < Ciudad + Provincia + País
             pay < Salario mínimo + Salario máximo + Moneda\nposted_at < Fecha de publicación\nexpires_at < Fecha límite
             contract < Jornada\ndescription < Descripción del puesto + Requisitos\nyears_min < Años de experiencia
             remote < Modalidad\nurl < Enlace",
        ),
        check(
            &jobs,
            CAMEL,
            "id < jobId\ntitle < jobTitle\ncompany < companyName\nlocation < jobCity + countryCode + latitude + longitude
             pay < salaryFrom + salaryTo + salaryCurrency\nremote < isRemote\nskills < techStack\nskills_preferred < niceToHave
             years_min < minExperience\nposted_at < publishedAt\ndescription < jobDescription\nlanguage < lang",
        ),
        check(&jobs, BY_LOOKS, "id <\ntitle < title\npay < c1\nposted_at < c2\nlocation < c3\nurl < c4\nskills < c5"),
        check(
            &candidates,
            CVS,
            "id < Candidate ID\nname < First Name + Last Name\nemail < E-Mail\nphone < Phone Number\nheadline < Current Title
             skills < Key Skills\nyears < Years of Experience\nlocation < City + Country\npay_wanted < Expected Salary
             languages < Spoken Languages\nlinks < LinkedIn\ntext < Resume Text\nupdated_at < Last Updated",
        ),
        check(
            &candidates,
            GERMAN_CVS,
            "id < Nummer\nname < Vorname + Nachname\nemail < E-Mail-Adresse\nphone < Telefonnummer\nheadline < Beruf
             skills < Fähigkeiten\nyears < Berufserfahrung\nlocation < Wohnort\npay_wanted < Gehaltswunsch
             languages < Sprachkenntnisse\ntext < Lebenslauf",
        ),
    ];
    let all: usize = proposals.iter().sum();
    assert!(all >= 40, "{all}");
}

#[test]
fn proposals_say_what_to_look_at() {
    let text = "
Title ¦ Date ¦ Salary ¦ Zzz
A ¦ 03/04/2026 ¦ 50000 - 60000 ¦ q
B ¦ 05/06/2026 ¦ 2000 - 2500 ¦ q
";
    let (header, records) = table(text);
    let proposal = propose("jobs", &jobs(), &header, &records);
    let toml = proposal.to_toml("x.csv");
    for said in [
        "day_first = true or false",
        "say currency",
        "hash = [\"Title\"]",
        "\"Zzz\": no field is called like it",
    ] {
        assert!(toml.contains(said), "{said}\n{toml}");
    }
    let mapped = proposal.mapping().unwrap().map(&records[0]);
    let codes: Vec<&str> = mapped.dropped.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["no_currency", "ambiguous_date"]);
}

#[test]
fn records_inside_a_document_are_found() {
    let document = json!({"meta": [], "jobs": [{"id": 1, "title": "A", "place": {"city": "Bonn"}}, {"id": 2, "title": "B", "tags": ["x"]}]});
    let Value::Object(fields) = document else {
        panic!("an object");
    };
    let (records, path) = unwrap(vec![Record { number: 1, fields }]);
    assert_eq!((records.len(), path.as_deref()), (2, Some("jobs")));
    assert_eq!(columns_of(&records), ["id", "title", "place.city", "tags"]);
    let mut proposal = propose("jobs", &jobs(), &columns_of(&records), &records);
    proposal.records = path;
    let mapping = proposal.mapping().unwrap();
    assert_eq!(mapping.records(), Some("jobs"));
    let document = mapping.map(&records[0]).documents.remove(0);
    assert_eq!(
        document,
        json!({"id": "1", "title": "A", "location": {"city": "Bonn"}})
    );
}

fn proposed(text: &str) -> (String, Vec<Value>) {
    let (header, records) = table(text);
    let proposal = propose("jobs", &jobs(), &header, &records);
    let toml = proposal.to_toml("x.csv");
    let mapping = proposal
        .mapping()
        .unwrap_or_else(|error| panic!("{error}\n{toml}"));
    let made = records
        .iter()
        .flat_map(|record| mapping.map(record).documents);
    (toml, made.collect())
}

#[test]
fn the_currency_nearly_all_name_is_that_of_the_others() {
    let rows = |others: &str| {
        let named = "A ¦ 60.000 - 70.000 € im Jahr\n".repeat(9);
        format!("Title ¦ Gehalt\n{named}{others}B ¦ 48.000 im Jahr\n")
    };
    let (toml, made) = proposed(&rows(""));
    assert!(
        toml.contains("currency = \"EUR\"") && toml.contains("9 of 9"),
        "{toml}"
    );
    assert_eq!(made[9]["pay"]["currency"], "EUR", "{toml}");
    let (toml, made) = proposed(&rows("C ¦ 70.000 $ im Jahr\n"));
    assert!(
        toml.contains("currency = \"EUR\"") && toml.contains("9 of 10"),
        "{toml}"
    );
    assert_eq!(made[9]["pay"]["currency"], "USD", "{toml}");
    let (toml, made) = proposed(&rows("C ¦ 70.000 $ im Jahr\nD ¦ 80.000 $ im Jahr\n"));
    assert!(toml.contains("say currency"), "{toml}");
    assert!(made[11].get("pay").is_none(), "{toml}");
}

#[test]
fn every_separator_that_is_seen_separates() {
    let (toml, made) =
        proposed("Title ¦ Skills\nA ¦ Rust, Go, SQL\nB ¦ Java; Spring\nC ¦ Excel, SAP\n");
    assert!(toml.contains("split = [\";\", \",\"]"), "{toml}");
    assert_eq!(made[1]["skills"], json!(["Java", "Spring"]));
    let (_, made) = proposed("Title ¦ Skills\nA ¦ C, C++; Go\nB ¦ Java; Spring\n");
    assert_eq!(made[0]["skills"], json!(["C, C++", "Go"]));
}

#[test]
fn what_comes_first_is_asked_only_where_no_date_tells() {
    for (dates, expected) in [
        (
            ["03/04/2026 10:00", "25/04/2026 14:30"],
            ["2026-04-03", "2026-04-25"],
        ),
        (["3/4/26", "4/25/26"], ["2026-03-04", "2026-04-25"]),
        (["03.04.26", "05.04.26"], ["2026-04-03", "2026-04-05"]),
        (["03-04-2026", "25-04-2026"], ["2026-04-03", "2026-04-25"]),
    ] {
        let rows = format!("Title ¦ Date posted\nA ¦ {}\nB ¦ {}\n", dates[0], dates[1]);
        let (toml, made) = proposed(&rows);
        assert!(!toml.contains("day or the month"), "{toml}");
        for (made, expected) in made.iter().zip(expected) {
            let date = made["posted_at"].as_str().unwrap_or_default();
            assert!(date.starts_with(expected), "{date}\n{toml}");
        }
    }
    for dates in ["03/04/2026", "3/4/26"] {
        let (toml, _) = proposed(&format!("Title ¦ Date posted\nA ¦ {dates}\n"));
        assert!(toml.contains("day or the month"), "{toml}");
    }
}

#[test]
fn words_of_employment_become_those_of_the_sample() {
    let (toml, made) = proposed(
        "Title ¦ Vertragsart\nA ¦ Vollzeit\nB ¦ Teilzeit, unbefristet\nC ¦ Werkstudent (m/w/d)\nD ¦ CDI\nE ¦ nach Absprache\n",
    );
    let contracts: Vec<&Value> = made.iter().map(|made| &made["contract"]).collect();
    assert_eq!(
        contracts,
        [
            &json!("full-time"),
            &json!(["part-time", "permanent"]),
            &json!("working student"),
            &json!("permanent"),
            &json!("nach Absprache")
        ],
        "{toml}"
    );
    // Words the sample does not have are mapped too.
    assert!(toml.contains("\"praktikum\" = \"internship\""), "{toml}");
    let (toml, _) = proposed("Title ¦ Contract\nA ¦ Full-time\nB ¦ Part-time\n");
    assert!(!toml.contains("map ="), "{toml}");
    // Nothing but its values tells what a column called "Type" is.
    let (toml, made) = proposed("Title ¦ Type\nA ¦ FT\nB ¦ PT\nC ¦ Full-time, Permanent\n");
    assert_eq!(made[0]["contract"], "full-time", "{toml}");
    assert_eq!(made[1]["contract"], "part-time", "{toml}");
    for values in ["PT ¦ PT", "Sales ¦ FT", "Full-time ¦ Cook"] {
        let (a, b) = values.split_once(" ¦ ").unwrap_or_default();
        let (toml, _) = proposed(&format!("Title ¦ Type\nA ¦ {a}\nB ¦ {b}\n"));
        assert!(!toml.contains("contract ="), "{toml}");
    }
}

#[test]
fn headers_that_name_what_a_row_is_decide_the_kind() {
    let (jobs, candidates) = (jobs(), candidates());
    for (header, expected) in [
        ("Stelle ¦ Skills ¦ Languages ¦ Updated", "jobs"),
        ("job_name ¦ Education ¦ Languages ¦ Phone", "jobs"),
        ("intitulé du poste ¦ Email ¦ Formation", "jobs"),
        (
            "Wunschposition ¦ Firma ¦ Gehalt ¦ Beschreibung",
            "candidates",
        ),
        ("Bewerber-ID ¦ Beruf ¦ Gehalt ¦ Vertragsart", "candidates"),
        ("First Name ¦ Last Name ¦ Job Title ¦ URL", "candidates"),
    ] {
        let row = vec!["Word 1"; header.split('¦').count()].join(" ¦ ");
        let (columns, records) = table(&format!("{header}\n{row}\n"));
        let kinds = [
            ("jobs", jobs.as_slice()),
            ("candidates", candidates.as_slice()),
        ];
        let best = best(kinds, &columns, &records).unwrap();
        assert_eq!(best.kind, expected, "{header}");
    }
    check(
        &candidates,
        "Bewerber-ID ¦ Wunschposition ¦ desc\nB1 ¦ Köchin ¦ Sieben Jahre in der Küche eines Hotels.\nB2 ¦ Bäcker ¦ Backt seit zehn Jahren Brot und Brötchen.",
        "id < Bewerber-ID\nheadline < Wunschposition\ntext < desc",
    );
}

fn of_text(text: String) -> crate::format::Reader {
    let options = crate::format::Options {
        number_duplicates: true,
        ..crate::format::Options::default()
    };
    let source = std::io::Cursor::new(text.into_bytes());
    crate::format::open(crate::format::Input::Stream(Box::new(source)), &options).unwrap()
}

#[test]
fn numbered_columns_are_loaded_as_they_were_read() {
    for (header, numbered) in [("title,title,title", true), ("title,company,id", false)] {
        let reader = of_text(format!("{header}\nCook,ACME,7\n"));
        let columns = reader.columns().to_vec();
        let records: Vec<Record> = reader.flatten().collect();
        let proposal = propose("jobs", &jobs(), &columns, &records);
        assert_eq!(proposal.numbered, numbered, "{header}");
        let toml = proposal.to_toml("dup.csv");
        assert_eq!(toml.contains("--number-duplicates"), numbered, "{toml}");
    }
}

#[test]
fn a_table_of_too_many_columns_gets_no_proposal() {
    use crate::intake::{Intake, Item, Shape};
    for (columns, proposed) in [
        (COLUMNS_MAX, true),
        (COLUMNS_MAX + 1, false),
        (10_000, false),
    ] {
        let cells = |start: &str| -> String {
            let cells: Vec<String> = (0..columns).map(|n| format!("{start}{n}")).collect();
            cells.join(",")
        };
        let shape = Shape::Auto {
            kind: "jobs".to_owned(),
            fields: jobs().into(),
        };
        let text = format!("{}\n{}\n", cells("title "), cells("v"));
        let mut intake = Intake::new(of_text(text), shape);
        assert_eq!(intake.proposal().is_some(), proposed);
        if !proposed {
            let items: Vec<Item> = intake.by_ref().collect();
            let [Item::Reject(reject)] = &items[..] else {
                panic!("{} items", items.len());
            };
            assert_eq!(reject.code, "columns");
            assert!(reject.reason.contains("at most 2000"), "{reject}");
        }
    }
}

#[test]
fn towns_of_several_parts_are_whole_places_and_minus_one_is_nothing() {
    let (toml, made) = proposed(
        "Title ¦ Town ¦ Salary\nA ¦ Austin, TX ¦ $53K-$91K a year\nB ¦ Seattle, WA ¦ -1\n",
    );
    assert!(toml.contains("empty = [\"-1\"]"), "{toml}");
    assert_eq!(made[0]["location"]["region"], "TX", "{toml}");
    assert_eq!(made[0]["pay"]["min"], 53_000.0, "{toml}");
    assert!(made[1].get("pay").is_none(), "{toml}");
    let (toml, _) = proposed("Title ¦ Town ¦ Region\nA ¦ Austin ¦ TX\nB ¦ Seattle ¦ WA\n");
    assert!(
        toml.contains("city = \"Town\"") && !toml.contains("empty ="),
        "{toml}"
    );
}
