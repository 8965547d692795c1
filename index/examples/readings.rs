//! Texts as the readers of facts see them, for `data/facts/name.py`. Reads from the
//! standard input a JSON object a line with `prose` (`ad` or `cv`), `title` and `text`,
//! and writes it back with the titled and masked text, its words, lines with their
//! sections, sentences, names of the dictionary and skills, all by bytes.
//! `cargo run -p tandem-index --example readings < FILE`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command for developers"
)]

use serde_json::{Value, json};
use tandem_index::analysis::{Words, analyse, detect};
use tandem_index::facts::{self, Prose, Reading};
use tandem_index::privacy;
use tandem_index::skills::Dictionary;

fn main() {
    for line in std::io::stdin().lines() {
        let mut document: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let prose = match document["prose"].as_str() {
            Some("cv") => Prose::Cv,
            _ => Prose::Ad,
        };
        let member = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let (title, body) = (member("title"), member("text"));
        let ranges = privacy::private_ranges(&body, prose == Prose::Cv);
        let text = facts::titled(&title, &privacy::mask(&body, &ranges));
        let read = read(&text, title.len(), prose);
        document["title"] = json!(title.len());
        document["text"] = json!(text);
        document["read"] = read;
        println!("{document}");
    }
}

fn read(text: &str, title_bytes: usize, prose: Prose) -> Value {
    let mut words = Words::default();
    analyse(text, detect(text), &mut words);
    let reading = Reading::of_titled(text, title_bytes, prose, &words);
    let words: Vec<_> = words
        .items()
        .iter()
        .map(|word| [word.start, word.end])
        .collect();
    let lines: Vec<Value> = reading
        .lines
        .iter()
        .map(|line| {
            json!([
                line.start,
                line.end,
                format!("{:?}", line.section),
                line.heading
            ])
        })
        .collect();
    let sentences: Vec<_> = reading
        .sentences
        .iter()
        .map(|one| [one.start, one.end])
        .collect();
    let names: Vec<Value> = reading
        .mentions
        .iter()
        .map(|mention| {
            let skill = Dictionary::builtin().get(mention.skill);
            json!([mention.start, mention.end, skill.map(|skill| skill.name)])
        })
        .collect();
    json!({"words": words, "lines": lines, "sentences": sentences, "names": names})
}
