//! What an erasure leaves of files that were removed: nothing that the process
//! could still read.

use serde_json::json;

use crate::durability::Folder;
use crate::server::Server;

/// The packs that are mapped; those that were removed say so.
fn mapped(server: &Server) -> Vec<String> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", server.pid())).unwrap();
    let packs = maps.lines().filter(|line| line.contains("/pack-"));
    packs.map(str::to_owned).collect()
}

fn removed(server: &Server) -> Vec<String> {
    let mapped = mapped(server).into_iter();
    mapped.filter(|line| line.ends_with("(deleted)")).collect()
}

#[test]
fn no_removed_file_that_had_the_person_stays_mapped() {
    const JOBS: usize = 40;
    let folder = Folder::new("erase-maps");
    let start = || Server::start(&["--data", folder.path()]);
    let mut server = start();
    for n in 0..JOBS {
        let job = json!({"title": format!("Baker {n}"), "company": "ACME"});
        server.put(&format!("/v1/jobs/j{n}"), &job).expect(201);
    }
    let person = json!({"headline": "Baker", "text": "Bread and rolls"});
    server.put("/v1/candidates/ann", &person).expect(201);
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    // Documents are served from the pack now, the person's and those of others.
    server = start();
    assert!(!mapped(&server).is_empty() && removed(&server).is_empty());
    let receipt = server.send("DELETE", "/v1/subjects/ann?now=true", &[], b"");
    assert_eq!(receipt.expect(200).json()["state"], "done");
    assert_eq!(removed(&server), [""; 0]);
    let all = |server: &Server| {
        for n in 0..JOBS {
            let job = server.get(&format!("/v1/jobs/j{n}")).expect(200).json();
            assert_eq!(job["title"], format!("Baker {n}"));
        }
        server.get("/v1/candidates/ann").expect(404);
    };
    all(&server);
    // Once more, with documents in memory beside those in the file.
    server.put("/v1/candidates/bob", &person).expect(201);
    let receipt = server.send("DELETE", "/v1/subjects/bob?now=true", &[], b"");
    assert_eq!(receipt.expect(200).json()["state"], "done");
    assert!(!mapped(&server).is_empty() && removed(&server).is_empty());
    all(&server);
    server.kill();
    all(&start());
}
