//! A space's overlay of the taxonomy: put, read, taken away, kept over kill -9,
//! checkpoints and backups, and nobody else's.

use serde_json::{Value, json};

use crate::backup::{restore, said, save, start, stop, verified};
use crate::durability::Folder;
use crate::server::{Answer, JSON, Server, TempFile, run, tandem};
use crate::spaces::key;

const TOML: &str = "application/toml";

const OVERLAY: &str = r#"# ours
[[skills]]
name = "Acme Console"
category = "tool"
aliases = ["AcmeCon"]

[[skills]]
name = "Kubernetes"
aliases = ["the big wheel"]

[[links]]
kind = "needs"
skill = "Python"
others = ["Acme Console"]

[[titles]]
title = "Happiness Hero"
occupation = "43-4051"
"#;

fn put(server: &Server, body: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("content-type", TOML)];
    all.extend(headers);
    server.send("PUT", "/v1/taxonomy", &all, body.as_bytes())
}

fn taxonomy(server: &Server) -> Value {
    server.get("/v1/taxonomy").expect(200).json()
}

/// What of a demand for one skill another one meets, in percent.
fn meets(server: &Server, demanded: &str, have: &str) -> Option<u64> {
    let path = format!("/v1/taxonomy/skills/{}", demanded.replace(' ', "%20"));
    let skill = server.get(&path).expect(200).json();
    let met_by = skill["met_by"].as_array().unwrap().iter();
    let mut met_by = met_by.filter(|one| one["name"] == have);
    met_by.next()?["meets"].as_u64()
}

#[test]
fn an_overlay_is_seen_by_the_next_read_and_comes_back_as_it_was_put() {
    let server = Server::start(&[]);
    let before = taxonomy(&server);
    assert_eq!(
        (&before["version"], &before["overlay"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(
        (&before["onet"], &before["esco"]),
        (&json!("29.2"), &Value::Null)
    );
    assert_eq!(before["occupations"], 1016);
    let unknown = server.get("/v1/taxonomy/skills/acmecon").expect(404).json();
    assert_eq!(unknown["errors"][0]["pointer"], "/name");

    let first = put(&server, OVERLAY, &[]).expect(201);
    assert_eq!(first.header("etag"), Some("\"1\""));
    let first = first.json();
    assert_eq!(
        (&first["version"], &first["result"]),
        (&json!(1), &json!("created"))
    );
    let sequence = first["sequence"].as_str().unwrap();
    let held = server
        .get(&format!("/v1/taxonomy?min_sequence={sequence}"))
        .expect(200);
    assert_eq!(held.header("etag"), Some("\"1\""));
    let held = held.json();
    assert_eq!(held["snapshot"], sequence);
    let expected = json!({
        "media_type": TOML, "text": OVERLAY, "skills": 2, "links": 1, "titles": 1
    });
    assert_eq!(held["overlay"], expected);

    let skill = server.get("/v1/taxonomy/skills/ACMECON").expect(200).json();
    assert_eq!(
        (&skill["name"], &skill["category"]),
        (&json!("Acme Console"), &json!("tool"))
    );
    assert_eq!(skill["in_dictionary"], false);
    assert_eq!(skill["spellings"], json!(["Acme Console", "AcmeCon"]));
    let python = json!({"name": "Python", "relation": "needs", "meets": 25, "is_met": 90});
    assert_eq!(skill["broader"], json!([python]));
    assert_eq!(meets(&server, "Python", "Acme Console"), Some(90));
    let wheel = server
        .get("/v1/taxonomy/skills/the%20big%20wheel")
        .expect(200)
        .json();
    assert_eq!(
        (&wheel["name"], &wheel["in_dictionary"]),
        (&json!("Kubernetes"), &json!(true))
    );
    let docker = server.get("/v1/taxonomy/skills/docker").expect(200).json();
    let mut met_by = docker["met_by"].as_array().unwrap().iter();
    let helm = met_by.find(|one| one["name"] == "Helm").unwrap();
    assert_eq!(helm["by"], "Kubernetes");

    let again = put(&server, OVERLAY, &[("if-match", "\"1\"")])
        .expect(200)
        .json();
    assert_eq!(
        (&again["version"], &again["result"]),
        (&json!(2), &json!("replaced"))
    );
    let stale = put(&server, OVERLAY, &[("if-match", "\"1\"")])
        .expect(412)
        .json();
    assert_eq!(stale["code"], "precondition_failed");
    put(&server, OVERLAY, &[("if-none-match", "*")]).expect(412);
    let unchanged = [("if-none-match", "\"2\"")];
    server
        .send("GET", "/v1/taxonomy", &unchanged, b"")
        .expect(304);

    let delete = |headers: &[(&str, &str)]| server.send("DELETE", "/v1/taxonomy", headers, b"");
    delete(&[("if-match", "\"1\"")]).expect(412);
    let gone = delete(&[]).expect(200).json();
    assert_eq!(
        (&gone["version"], &gone["result"]),
        (&json!(3), &json!("deleted"))
    );
    delete(&[]).expect(404);
    assert_eq!(meets(&server, "Python", "Acme Console"), None);
    assert_eq!(taxonomy(&server)["overlay"], Value::Null);
    // A version is never given twice.
    let anew = put(&server, "", &[("if-none-match", "*")])
        .expect(201)
        .json();
    assert_eq!(anew["version"], 4);
}

#[test]
fn documents_put_before_are_found_by_the_overlays_spellings() {
    let server = Server::start(&[]);
    for (id, skill) in [("a", "Acme Console"), ("b", "AcmeCon"), ("c", "Welding")] {
        let job = json!({"title": "Operator", "skills": [skill]});
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    }
    let search = |body: Value| {
        let mut ids = server.post("/v1/search/jobs", &body).expect(200).ids();
        ids.sort_unstable();
        ids
    };
    let filter = || search(json!({"filters": {"skills": ["acmecon"]}}));
    let expansions = || {
        let body = json!({"q": "acmecon"});
        let answer = server.post("/v1/search/jobs", &body).expect(200).json();
        answer["applied"]["expansions"].clone()
    };
    let expanded = json!({"word": "acmecon", "to": ["Acme Console"], "why": "skill"});
    assert_eq!(filter(), ["b"]);
    assert!(!expansions().as_array().unwrap().contains(&expanded));
    put(&server, OVERLAY, &[]).expect(201);
    assert_eq!(filter(), ["a", "b"]);
    assert_eq!(expansions(), json!([expanded]));
    let found = search(json!({"q": "acmecon"}));
    assert!(
        found.starts_with(&["a".to_owned(), "b".to_owned()]),
        "{found:?}"
    );
    let body = json!({"q": "acmecon"});
    let applied = server.post("/v1/search/jobs", &body).expect(200).json();
    assert_eq!(applied["applied"]["skills"], json!(["Acme Console"]));
    let none = search(json!({"filters": {"skills": {"none": ["Acme Console"]}}}));
    assert_eq!(none, ["c"]);
    server.send("DELETE", "/v1/taxonomy", &[], b"").expect(200);
    assert_eq!(filter(), ["b"]);
}

#[test]
fn a_title_of_the_overlay_comes_before_what_is_shipped() {
    let server = Server::start(&[]);
    let of = |title: &str| {
        let path = format!("/v1/taxonomy/titles?title={}", title.replace(' ', "%20"));
        server.get(&path).expect(200).json()
    };
    let nurse = of("RN - ICU (Nights)");
    assert_eq!(nurse["occupation"]["code"], "29-1141.03");
    assert_eq!(nurse["occupation"]["groups"].as_array().unwrap().len(), 2);
    let candidates = nurse["candidates"].as_array().unwrap();
    assert!((1..=5).contains(&candidates.len()), "{candidates:?}");
    assert_eq!(candidates[0]["code"], "29-1141.03");
    assert_eq!(of("xqzt vlorp")["occupation"], Value::Null);
    put(&server, OVERLAY, &[]).expect(201);
    let hero = of("Senior Happiness Hero");
    assert_eq!(hero["occupation"]["code"], "43-4051.00");
    assert_eq!(
        (&hero["occupation"]["sure"], &hero["occupation"]["how"]),
        (&json!(99), &json!("title"))
    );
    for wrong in ["", "?title=", "?titel=x"] {
        server
            .get(&format!("/v1/taxonomy/titles{wrong}"))
            .expect(400);
    }
}

#[test]
fn a_faulty_overlay_changes_nothing_and_every_fault_has_its_place() {
    let server = Server::start(&[]);
    put(&server, OVERLAY, &[]).expect(201);
    let before = taxonomy(&server);
    let faulty = r#"{"skills": [{"name": "Acme", "aliases": ["Docker", 7]}],
        "links": [{"kind": "nees", "skill": "Kuberntes", "others": []}],
        "titles": [{"title": "X", "occupation": "Software Developer"}], "skils": []}"#;
    let json_type = [("content-type", JSON)];
    let refused = server
        .send("PUT", "/v1/taxonomy", &json_type, faulty.as_bytes())
        .expect(400)
        .json();
    let errors = refused["errors"].as_array().unwrap();
    let places: Vec<&str> = errors
        .iter()
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    let expected = [
        "/skils",
        "/skills/0/aliases/1",
        "/skills/0/aliases/0",
        "/links/0/skill",
        "/links/0/kind",
        "/titles/0/occupation",
    ];
    assert_eq!(places, expected);
    assert_eq!(errors[3]["did_you_mean"], "Kubernetes");
    let toml = put(&server, "[[skills]\nname = 1", &[]).expect(400).json();
    assert!(
        toml["detail"].as_str().unwrap().contains("line 1"),
        "{toml}"
    );
    put(&server, "[[skills]]\nname = 'a\u{0}b'", &[]).expect(400);
    let twice = br#"{"skills": [], "skills": []}"#;
    server
        .send("PUT", "/v1/taxonomy", &json_type, twice)
        .expect(400);
    let latin = [("content-type", TOML)];
    server
        .send("PUT", "/v1/taxonomy", &latin, b"# \xff")
        .expect(400);
    let plain = [("content-type", "text/plain")];
    let other = server
        .send("PUT", "/v1/taxonomy", &plain, b"")
        .expect(415)
        .json();
    assert!(other["detail"].as_str().unwrap().contains(TOML), "{other}");
    let large = format!("# {}", "x".repeat(2 << 20));
    put(&server, &large, &[]).expect(413);
    assert_eq!(taxonomy(&server), before);
}

#[test]
fn an_overlay_survives_kill_9_checkpoints_and_backups() {
    let data = Folder::new("overlay");
    let mut server = start(&data, 4);
    put(&server, "", &[]).expect(201);
    put(&server, OVERLAY, &[]).expect(200);
    let held = taxonomy(&server);
    let sequence = held["snapshot"].as_str().unwrap().to_owned();
    server.kill();
    let of = |answer: Value| (answer["version"].clone(), answer["overlay"].clone());
    // From the journal; the next sequence number is a later one.
    server = start(&data, 4);
    let again = taxonomy(&server);
    assert_ne!(again["snapshot"], sequence);
    assert_eq!(of(again), of(held.clone()));
    assert_eq!(meets(&server, "Python", "Acme Console"), Some(90));
    // From a checkpoint, which the documents bring about, and the journal behind it.
    for id in 0..40 {
        let job = json!({"title": "Operator", "skills": ["AcmeCon"]});
        server.put(&format!("/v1/jobs/{id}"), &job).expect(201);
    }
    stop(&mut server);
    said(&verified(&data), 0);
    server = start(&data, 4);
    assert_eq!(of(taxonomy(&server)), of(held.clone()));
    let saved = Folder::new("overlay-saved");
    let restored = Folder::new("overlay-restored");
    said(&save(&data, &saved, &[]).output().unwrap(), 0);
    said(&verified(&saved), 0);
    server.send("DELETE", "/v1/taxonomy", &[], b"").expect(200);
    server.kill();
    server = start(&data, 4);
    let gone = taxonomy(&server);
    assert_eq!(
        (&gone["version"], &gone["overlay"]),
        (&json!(3), &Value::Null)
    );
    // That it is gone, and its version, are in a checkpoint as well.
    for id in 0..40 {
        let path = format!("/v1/jobs/{id}");
        server.send("DELETE", &path, &[], b"").expect(200);
    }
    stop(&mut server);
    said(&verified(&data), 0);
    server = start(&data, 4);
    assert_eq!(taxonomy(&server)["version"], 3);
    stop(&mut server);
    let ledger = format!("{}/ledger", data.path());
    said(&restore(&saved, &restored, Some(&ledger)), 0);
    server = start(&restored, 4);
    assert_eq!(of(taxonomy(&server)), of(held));
}

#[test]
fn an_overlay_is_its_spaces_own_and_needs_a_key_that_writes() {
    let (writer, writer_entry) = key("one", "write");
    let (reader, reader_entry) = key("one", "read");
    let (other, other_entry) = key("two", "write");
    let file = TempFile::new(&(writer_entry + &reader_entry + &other_entry));
    let server = Server::start(&["--key-file", file.path()]);
    let send = |key: &str, method: &str, path: &str, body: &str| {
        let key = format!("Bearer {key}");
        let headers = [("content-type", TOML), ("authorization", key.as_str())];
        server.send(method, path, &headers, body.as_bytes())
    };
    send(&reader, "PUT", "/v1/taxonomy", OVERLAY).expect(403);
    send(&writer, "PUT", "/v1/taxonomy", OVERLAY).expect(201);
    send(&reader, "DELETE", "/v1/taxonomy", "").expect(403);
    send(&reader, "GET", "/v1/taxonomy/skills/AcmeCon", "").expect(200);
    send(&other, "GET", "/v1/taxonomy/skills/AcmeCon", "").expect(404);
    let theirs = send(&other, "GET", "/v1/taxonomy", "").expect(200).json();
    assert_eq!(
        (&theirs["version"], &theirs["overlay"]),
        (&json!(0), &Value::Null)
    );
    send(&other, "DELETE", "/v1/taxonomy", "").expect(404);
    let ours = send(&reader, "GET", "/v1/taxonomy", "").expect(200).json();
    assert_eq!(ours["overlay"]["text"], OVERLAY);
}

#[test]
fn the_command_line_puts_shows_and_checks() {
    let server = Server::start(&[]);
    let url = server.url();
    let file = TempFile::new(OVERLAY);
    let tool = |arguments: &[&str], input: &str| {
        let mut all = vec!["taxonomy"];
        all.extend(arguments);
        let output = run(&all, input);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (code, whole, _) = tool(&["check", file.path()], "");
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(
        (code, &whole["whole"], &whole["skills"]),
        (Some(0), &json!(true), &json!(2))
    );
    let (code, wrong, said) = tool(&["check", "-"], "[[links]]\nkind = 'lik'\nskill = 'Docker'");
    let wrong: Value = serde_json::from_str(&wrong).unwrap();
    assert_eq!(
        (code, wrong["errors"].as_array().unwrap().len()),
        (Some(1), 2)
    );
    assert!(said.contains("did you mean `like`?"), "{said}");
    assert!(said.contains("links[0].others: is missing"), "{said}");
    let (code, _, said) = tool(&["get", "--text", "--url", &url], "");
    assert_eq!(code, Some(1), "{said}");
    let (code, put, said) = tool(&["put", file.path(), "--url", &url], "");
    assert_eq!(code, Some(0), "{said}");
    let put: Value = serde_json::from_str(&put).unwrap();
    assert_eq!(put["result"], "created");
    let (code, text, _) = tool(&["get", "--text", "--url", &url], "");
    assert_eq!((code, text.as_str()), (Some(0), OVERLAY));
    let (code, _, said) = tool(&["put", file.path(), "--if-match", "7", "--url", &url], "");
    assert_eq!(code, Some(4), "{said}");
    let (code, _, said) = tool(&["delete", "--if-match", "1", "--url", &url], "");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(taxonomy(&server)["overlay"], Value::Null);
}

#[test]
fn escos_files_are_read_at_the_start_and_refused_by_file_and_line() {
    let folder = Folder::new("esco-1.1.0");
    let write = |name: &str, text: &[u8]| {
        std::fs::create_dir_all(format!("{}/ESCO_en", folder.path())).unwrap();
        std::fs::write(format!("{}/ESCO_en/{name}", folder.path()), text).unwrap();
    };
    let labels = "conceptUri,preferredLabel,altLabels\n";
    write(
        "skills_en.csv",
        format!("{labels}u:a,Haskell,\nu:b,computer science,\n").as_bytes(),
    );
    write(
        "broaderRelationsSkillPillar_en.csv",
        b"conceptType,conceptUri,broaderType,broaderUri\nS,u:a,S,u:b\n",
    );
    write(
        "occupations_de.csv",
        format!("{labels}o:1,software developer,Programmgestalter\n").as_bytes(),
    );
    write("ISCOGroups_en.csv", b"\xff\n");
    let server = Server::start(&["--esco", folder.path()]);
    let esco = &taxonomy(&server)["esco"];
    assert_eq!(esco["version"], "1.1.0");
    assert_eq!(
        (&esco["skills"], &esco["links"], &esco["occupations"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let path = "/v1/taxonomy/titles?title=Programmgestalter";
    let title = server.get(path).expect(200).json();
    assert_eq!(title["occupation"]["code"], "15-1252.00");
    assert!(meets(&server, "Computer Science", "Haskell") >= Some(74));
    // An overlay goes over it.
    put(&server, OVERLAY, &[]).expect(201);
    assert_eq!(taxonomy(&server)["esco"]["version"], "1.1.0");
    assert!(meets(&server, "Computer Science", "Haskell") >= Some(74));
    drop(server);
    let refused = || {
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log",
            "off",
            "--esco",
            folder.path(),
        ];
        let output = tandem(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    write(
        "skills_en.csv",
        format!("{labels}u:a,Haskell,\nu:b\n").as_bytes(),
    );
    let said = refused();
    assert!(said.contains("skills_en.csv: line 3: 1 fields"), "{said}");
    write(
        "skills_en.csv",
        format!("{labels}u:a,Haskell,\n").as_bytes(),
    );
    write(
        "occupations_de.csv",
        b"conceptUri,preferredLabel,altLabels\no:1,\xff,\n",
    );
    let said = refused();
    assert!(
        said.contains("occupations_de.csv: line 2: not UTF-8"),
        "{said}"
    );
}
