//! A kind is data: one added by file is loaded, searched and matched.

use serde_json::json;

use crate::server::{Server, TempFile, tandem};

const COURSES: &str = r#"
[kinds.courses]
matches = "people"
display = ["title", "school"]
facets = ["school"]

[kinds.courses.fields]
title = { type = "text", as = "title" }
text = { type = "text", as = "text" }
school = { type = "keyword", as = "name" }
teaches = { type = "skills", as = "skills", role = "wants" }

[kinds.people]
matches = "courses"
display = ["headline"]

[kinds.people.fields]
headline = { type = "text", as = "title" }
skills = { type = "skills", as = "skills", role = "offers" }
"#;

#[test]
fn a_kind_added_by_file_loads_searches_and_matches() {
    let file = TempFile::new(COURSES);
    let server = Server::start(&["--kinds", file.path()]);
    let kinds = server.get("/v1/kinds").expect(200).json();
    assert_eq!(kinds["kinds"].as_array().unwrap().len(), 2);
    server.get("/v1/search/jobs").expect(404);
    let courses = "{\"id\": \"k-1\", \"title\": \"Baking bread\", \"school\": \"North\"}\n\
        {\"id\": \"k-2\", \"title\": \"Python for analysts\", \"school\": \"South\", \"teaches\": [\"Python\", \"SQL\"]}\n";
    server.bulk("courses", courses).expect(207);
    let found = server
        .post(
            "/v1/search/courses",
            &json!({"q": "bread", "facets": ["school"], "words": "all"}),
        )
        .expect(200);
    assert_eq!(found.ids()[0], "k-1");
    let person = json!({"from": {"kind": "people", "document": {"headline": "Analyst", "skills": ["Python"]}}});
    let matched = server.post("/v1/match", &person).expect(200);
    assert_eq!(matched.ids()[0], "k-2");
    assert_eq!(
        matched.json()["hits"][0]["document"],
        json!({"title": "Python for analysts", "school": "South"})
    );
}

#[test]
fn a_wrong_kinds_file_says_what_is_wrong() {
    let file = TempFile::new("[kinds.courses.fields]\ntitle = { type = \"prose\" }\n");
    let ended = tandem(&["serve", "--listen", "127.0.0.1:0", "--kinds", file.path()])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("prose"));
}
