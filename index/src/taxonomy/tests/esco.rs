//! ESCO's files: what they add, and what is refused.

use proptest::prelude::*;

use super::super::*;
use super::skill;

fn file(name: &str, text: &str) -> EscoFile {
    EscoFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn files() -> Vec<EscoFile> {
    vec![
        file(
            "occupations_de.csv",
            "conceptUri,preferredLabel,altLabels\no:1,Programmgestalter,\n",
        ),
        file(
            "skills_en.csv",
            "conceptUri,preferredLabel,altLabels\n\
             u:a,Haskell,\"Haskell techniques\nhaskell coding\"\n\
             u:b,\"quote \"\"it\"\", they say\",\n\
             u:c,use Javascript,\"JavaScript\"\n",
        ),
        file(
            "digitalSkillsCollection_en.csv",
            "conceptUri,preferredLabel,altLabels\nu:d,computing lore,zzz lore | computer science\n",
        ),
        file(
            "broaderRelationsSkillPillar_en.csv",
            "conceptType,conceptUri,broaderType,broaderUri\nS,u:a,S,u:d\nS,u:b,S,u:d\n",
        ),
        file(
            "skillSkillRelations_en.csv",
            "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri\n\
             u:c,k,essential,k,u:d\n",
        ),
        file(
            "occupations_en.csv",
            "conceptUri,preferredLabel,altLabels,modifiedDate\n\
             o:1,software developer,\"software wizard of oz\",2016-07-05T13:58:41Z\n\
             o:2,grand vizier of nothing,,2021-12-01T09:00:00Z\n",
        ),
        file("ISCOGroups_en.csv", "whatever\n"),
    ]
}

fn read(files: &[EscoFile]) -> Result<Esco, EscoError> {
    Esco::read("ESCO_en", files, Occupations::builtin())
}

#[test]
fn esco_files_add_links_and_titles() {
    let esco = read(&files()).unwrap();
    assert_eq!((esco.skills_mapped, esco.skills_unknown), (3, 1));
    assert_eq!((esco.occupations_mapped, esco.occupations_unknown), (1, 1));
    assert_eq!(esco.links.len(), 2);
    assert_eq!(esco.version, "2021-12-01");
    let taxonomy = Taxonomy::builtin().with_esco(&esco);
    let links = taxonomy.links();
    assert!(links.credit(skill("Haskell"), skill("Computer Science")) > 150);
    let code = |title: &str| {
        let named = taxonomy.of_title(title).unwrap();
        taxonomy.occupations().get(named.occupation).unwrap().code
    };
    assert_eq!(code("Programmgestalter (m/w/d)"), "15-1252.00");
    // A title O*NET knows stays where it is.
    assert_eq!(code("Registered Nurse"), "29-1141.00");
    let counts = taxonomy.esco().unwrap();
    assert_eq!((counts.skills, counts.links, counts.occupations), (3, 2, 1));
    assert_eq!(counts.titles, 2);
    // An overlay goes over it, and keeps what it says.
    let put = Put {
        form: Form::Toml,
        text: "[[titles]]\ntitle = 'Programmgestalter'\noccupation = '29-1141'".to_owned(),
    };
    let under = taxonomy.under(put);
    assert_eq!(under.esco(), Some(counts));
    let named = under.of_title("Programmgestalter").unwrap();
    assert_eq!(
        under.occupations().get(named.occupation).unwrap().code,
        "29-1141.00"
    );
}

#[test]
fn the_version_stands_in_a_name() {
    for (folder, expected) in [
        ("ESCO dataset - v1.2.0 - classification - en - csv", "1.2.0"),
        ("esco_1.1", "1.1"),
        ("esco", "2021-12-01"),
        ("ESCO 2024", "2021-12-01"),
    ] {
        let esco = Esco::read(folder, &files(), Occupations::builtin()).unwrap();
        assert_eq!(esco.version, expected, "{folder}");
    }
}

#[test]
fn a_file_that_is_not_escos_is_refused_by_file_and_line() {
    let broken = |name: &str, text: &str| {
        let mut files = files();
        files.retain(|file| file.name != name);
        files.push(file(name, text));
        read(&files).unwrap_err().to_string()
    };
    for (name, text, expected) in [
        (
            "broaderRelationsSkillPillar_en.csv",
            "a,b\n1,2\n",
            "broaderRelationsSkillPillar_en.csv: line 1: there is no column `conceptUri`",
        ),
        (
            "skills_en.csv",
            "",
            "skills_en.csv: line 1: there is no column `conceptUri`",
        ),
        (
            "skills_en.csv",
            "conceptUri,preferredLabel,altLabels\nu:a,\"two\nlines\",\nshort\n",
            "skills_en.csv: line 4: 1 fields, where the first line has 3",
        ),
        (
            "occupations_de.csv",
            "conceptUri,preferredLabel,altLabels\no:1,x,\no:2,\"y,\nz\n",
            "occupations_de.csv: line 3: a quote that begins here is never closed",
        ),
    ] {
        assert_eq!(broken(name, text), expected);
    }
    let none = read(&[file("readme.txt", "")]).unwrap_err().to_string();
    assert!(none.starts_with("there is none of ESCO's files"), "{none}");
}

proptest! {
    #[test]
    fn any_esco_file_is_no_panic(text in "(conceptUri|preferredLabel|altLabels|[,\"\r\n]|\\PC){0,30}") {
        let read = read(&[file("skills_en.csv", &text)]);
        prop_assert!(read.is_err() || read.is_ok_and(|esco| esco.titles.is_empty()));
    }
}
