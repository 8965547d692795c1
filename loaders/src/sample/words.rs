//! Small grammar: tasks in three forms, templates, articles. Knows no occupation and no person.

use std::collections::HashMap;

use super::rng::Rng;

/// The form of a task's verbs, in the order `Task` has them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// "review budgets"
    Base,
    /// "reviewed budgets"
    Past,
    /// "reviewing budgets"
    Gerund,
}

/// Where a task may be cut without losing its sense.
const TAILS: [&str; 6] = [
    ", such as ",
    ", using ",
    ", including ",
    ", according to ",
    ", depending on ",
    ", to ensure ",
];

/// What a verb becomes: (past, gerund).
pub(super) type Forms = (&'static str, &'static str);

/// A task in its three forms, each in lower case, and how many bytes of it are left when it is shortened.
pub(super) struct Task {
    said: [(&'static str, usize); 3],
}

impl Task {
    /// The task in the form.
    fn said(&self, form: Form, shorten: bool) -> &'static str {
        let (text, short) = self.said[form as usize];
        if shorten {
            text.get(..short).unwrap_or(text)
        } else {
            text
        }
    }
}

/// Tasks from texts with `^` before each verb, in their order. Their forms are written once, into memory that is
/// kept for the process: an ad only copies them.
pub(super) fn tasks(
    marked: &[&'static str],
    verbs: &HashMap<&'static str, Forms>,
) -> Vec<&'static Task> {
    let mut text = String::with_capacity(marked.len() * 360);
    let mut ends = Vec::with_capacity(marked.len() * 3);
    for task in marked {
        for form in [Form::Base, Form::Past, Form::Gerund] {
            write_form(&mut text, task, form, verbs);
            ends.push(text.len());
        }
    }
    let text: &'static str = text.leak();
    let mut start = 0;
    let mut said = |end: usize| {
        let text = text.get(start..end).unwrap_or("");
        start = end;
        let short = TAILS.iter().filter_map(|tail| text.find(tail)).min();
        (text, short.unwrap_or(text.len()))
    };
    let tasks: Vec<Task> = ends
        .chunks_exact(3)
        .map(|ends| Task {
            said: [said(ends[0]), said(ends[1]), said(ends[2])],
        })
        .collect();
    tasks.leak().iter().collect()
}

fn write_form(
    out: &mut String,
    task: &'static str,
    form: Form,
    verbs: &HashMap<&'static str, Forms>,
) {
    let mut rest = task;
    while let Some((before, after)) = rest.split_once('^') {
        out.push_str(before);
        let end = after
            .find(|c: char| !c.is_ascii_alphabetic() && c != '-')
            .unwrap_or(after.len());
        let (verb, behind) = after.split_at(end);
        let verb = verb.to_ascii_lowercase();
        match (form, verbs.get(&*verb)) {
            (Form::Past, Some((past, _))) => out.push_str(past),
            (Form::Gerund, Some((_, gerund))) => out.push_str(gerund),
            (Form::Base | Form::Past | Form::Gerund, _) => out.push_str(&verb),
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// Appends the task in the form, starting in lower case.
pub(super) fn task(out: &mut String, task: &Task, form: Form, shorten: bool) {
    out.push_str(task.said(form, shorten));
}

/// Appends the task starting with a capital letter.
pub(super) fn task_capital(out: &mut String, text: &Task, form: Form, shorten: bool) {
    let start = out.len();
    task(out, text, form, shorten);
    capitalise(out, start);
}

/// Makes the character at byte `start` a capital.
pub(super) fn capitalise(out: &mut String, start: usize) {
    let Some(first) = out.get(start..).and_then(|tail| tail.chars().next()) else {
        return;
    };
    if first.is_lowercase() {
        let capital: String = first.to_uppercase().collect();
        out.replace_range(start..start + first.len_utf8(), &capital);
    }
}

/// Appends the template with each `{name}` replaced by its value; a name without a value stays.
pub(super) fn fill(out: &mut String, template: &str, values: &[(&str, &str)]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        let value = values
            .iter()
            .find(|(key, _)| *key == name)
            .map_or(name, |(_, value)| value);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
}

/// "a" or "an", by the sound of the first word.
pub(super) fn article(text: &str) -> &'static str {
    let word = text
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or("");
    let first = word.chars().next().unwrap_or('x');
    let spelled_out = word.len() <= 4
        && word.chars().all(|c| c.is_ascii_uppercase())
        && !matches!(word, "SAP" | "LAN" | "SAS" | "NASA");
    let vowel = if spelled_out {
        "AEFHILMNORSX".contains(first)
    } else {
        let consonant_sound = [
            "Uni", "Use", "Usa", "Uti", "Ute", "Eu", "One", "Ura", "uni", "use",
        ];
        let silent = ["Hour", "Honest", "Heir", "hour", "honest"];
        let starts = |list: &[&str]| list.iter().any(|start| word.starts_with(start));
        // "Unit" sounds like "you", "Uninsured" does not; the latter starts no title.
        ("AEIOUaeiou".contains(first) && !starts(&consonant_sound)) || starts(&silent)
    };
    if vowel { "an" } else { "a" }
}

/// "A, B and C", with the language's word for "and".
pub(super) fn join(items: &[&str], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// How one document sets its lists: the mark of a bullet and what ends a heading.
#[derive(Clone, Copy)]
pub(super) struct Style {
    mark: &'static str,
    heading_end: &'static str,
}

impl Style {
    /// One of a few styles.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        Self {
            mark: rng.say(&["- ", "• ", "* ", "– "]),
            heading_end: rng.say(&["\n", ":\n"]),
        }
    }

    /// Appends a heading and its lines as bullets.
    pub(super) fn list<'a>(
        self,
        out: &mut String,
        heading: &str,
        lines: impl Iterator<Item = &'a str>,
    ) {
        out.push_str(heading);
        out.push_str(self.heading_end);
        for line in lines {
            out.push_str(self.mark);
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// The skill as it stands inside a sentence: "machine learning", but "Spring Boot", "SQL" and "Agile".
pub(super) fn inside(skill: &str) -> String {
    let mut words = skill.split(' ');
    let first = words.next().unwrap_or("");
    let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_lowercase() || c == '-');
    let capitalised =
        first.chars().next().is_some_and(char::is_uppercase) && plain(first.get(1..).unwrap_or(""));
    let mut rest = words.peekable();
    let activity = ["ing", "tion", "ment", "ics", "work", "ience"]
        .iter()
        .any(|end| first.ends_with(end));
    if capitalised && (rest.peek().is_some() || activity) && rest.all(plain) {
        skill.to_lowercase()
    } else {
        skill.to_owned()
    }
}
