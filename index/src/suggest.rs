//! Names: the different values of a column as people begin to type them. Owns
//! their normal form, the words they can be found by and how many rows have
//! each; knows nothing of which rows are alive, nor of what is a good suggestion.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::analysis::fold;
use crate::bits::Bits;
use crate::columns::Keywords;

mod gone;

pub(crate) use gone::Gone;

/// Longest title that is worth suggesting, in characters.
const TITLE_CHARS_MAX: usize = 80;
/// Longest part of a value that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 256;

/// A word of a value: from here on the value can be found by its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The value's number.
    pub name: u32,
    /// Where the word begins in its text.
    pub offset: u32,
}

/// The different values of one column of a segment. Spellings that differ in
/// case, accents or punctuation are one name; names are numbered by text.
#[derive(Debug, Default)]
pub struct Names {
    texts: String,
    ends: Vec<u32>,
    rows: Vec<u32>,
    name_of: Vec<u32>,
    spelled_rows: Vec<u32>,
    members: Vec<u32>,
    member_ends: Vec<u32>,
    starts: Vec<Start>,
}

/// How many rows to take from a segment's counts, by name and by spelling.
#[derive(Clone, Debug, Default)]
pub struct Dead {
    names: HashMap<u32, u32>,
    spellings: HashMap<u32, u32>,
    // The names of one row, kept for the next.
    of_row: Vec<u32>,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '+' | '#' | '&')
}

/// A text's words as names are compared: folded, one blank between them.
/// `Node.js (v18)` is `node.js v18`: a dot before a letter belongs to the word.
pub fn normal(text: &str) -> String {
    let cut = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX));
    let folded = fold(cut.unwrap_or(""));
    let mut out = String::with_capacity(folded.len());
    let mut gap = false;
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        let dot = c == '.' && chars.peek().is_some_and(|next| next.is_alphanumeric());
        if is_word(c) || dot {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
            gap = false;
        } else {
            gap = true;
        }
    }
    out
}

impl Names {
    /// The names of a column. Linear in its rows, n log n in its values.
    pub fn build(column: &Keywords, rows: u32) -> Self {
        let mut order: Vec<(String, u32)> = (0..column.distinct() as u32)
            .map(|ordinal| (normal(column.value(ordinal)), ordinal))
            .collect();
        order.sort_unstable();
        let mut names = Self {
            name_of: vec![u32::MAX; column.distinct()],
            spelled_rows: vec![0; column.distinct()],
            ..Self::default()
        };
        for (text, ordinal) in &order {
            // A value without a word is never suggested.
            if text.is_empty() {
                continue;
            }
            let last = names.ends.len().checked_sub(1);
            if last.is_none_or(|last| names.text(last as u32) != text) {
                names.texts.push_str(text);
                names.ends.push(names.texts.len() as u32);
                names.member_ends.push(names.members.len() as u32);
            }
            names.name_of[*ordinal as usize] = names.ends.len() as u32 - 1;
            names.members.push(*ordinal);
            if let Some(end) = names.member_ends.last_mut() {
                *end = names.members.len() as u32;
            }
        }
        names.rows = vec![0; names.ends.len()];
        let mut of_row = Vec::new();
        for row in 0..rows {
            for ordinal in column.of(row) {
                names.spelled_rows[*ordinal as usize] += 1;
            }
            names.of_row(column, row, &mut of_row);
            for name in &of_row {
                names.rows[*name as usize] += 1;
            }
        }
        names.starts = names.word_starts();
        names
    }

    // The names of a row, each once.
    fn of_row(&self, column: &Keywords, row: u32, out: &mut Vec<u32>) {
        out.clear();
        let names = column.of(row).iter().map(|o| self.name_of[*o as usize]);
        out.extend(names.filter(|name| *name != u32::MAX));
        out.sort_unstable();
        out.dedup();
    }

    fn word_starts(&self) -> Vec<Start> {
        let mut keyed: Vec<(u64, Start)> = Vec::new();
        for name in 0..self.len() {
            let text = self.text(name);
            let behind_blanks = text.match_indices(' ').map(|(at, _)| at + 1);
            for offset in std::iter::once(0).chain(behind_blanks) {
                let bytes = text.as_bytes().get(offset..).unwrap_or(&[]);
                let offset = offset as u32;
                keyed.push((first_bytes(bytes), Start { name, offset }));
            }
        }
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| self.at(a.1).cmp(self.at(b.1)))
                .then_with(|| (a.1.name, a.1.offset).cmp(&(b.1.name, b.1.offset)))
        });
        keyed.into_iter().map(|(_, start)| start).collect()
    }

    /// How many names there are.
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A name's normal text.
    pub fn text(&self, name: u32) -> &str {
        let name = name as usize;
        let start = name.checked_sub(1).map_or(0, |before| self.ends[before]);
        let range = start as usize..self.ends[name] as usize;
        self.texts.get(range).unwrap_or("")
    }

    /// The text of a name from a word on.
    pub fn at(&self, start: Start) -> &str {
        self.text(start.name)
            .get(start.offset as usize..)
            .unwrap_or("")
    }

    /// The name of that normal text.
    pub fn find(&self, text: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = u32::midpoint(low, high);
            match self.text(middle).cmp(text) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The words that begin with `prefix`, by text. Of several words of one name
    /// each is there.
    pub fn beginning(&self, prefix: &str) -> &[Start] {
        let first = self
            .starts
            .partition_point(|start| self.at(*start) < prefix);
        let rest = &self.starts[first..];
        let count = rest.partition_point(|start| self.at(*start).starts_with(prefix));
        &rest[..count]
    }

    /// The spellings of a name, as numbers of the column's values.
    pub fn spellings(&self, name: u32) -> &[u32] {
        let name = name as usize;
        let start = name
            .checked_sub(1)
            .map_or(0, |before| self.member_ends[before]);
        &self.members[start as usize..self.member_ends[name] as usize]
    }

    /// What the rows that are not alive add to the counts. Linear in those.
    pub fn dead(&self, column: &Keywords, alive: &Bits) -> Dead {
        let mut dead = Dead::default();
        for (at, word) in alive.words().iter().enumerate() {
            let mut gone = !word;
            while gone != 0 {
                let row = at as u32 * 64 + gone.trailing_zeros();
                gone &= gone - 1;
                if row as usize >= alive.len() {
                    break;
                }
                dead.count(self, column, row, true);
            }
        }
        dead
    }

    /// How many living rows have a name.
    pub fn living(&self, name: u32, dead: &Dead) -> u32 {
        let gone = dead.names.get(&name).copied().unwrap_or(0);
        self.rows[name as usize].saturating_sub(gone)
    }

    /// How many living rows have a spelling.
    pub fn living_spelling(&self, ordinal: u32, dead: &Dead) -> u32 {
        let gone = dead.spellings.get(&ordinal).copied().unwrap_or(0);
        self.spelled_rows[ordinal as usize].saturating_sub(gone)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let numbers = self.ends.len()
            + self.rows.len()
            + self.name_of.len()
            + self.spelled_rows.len()
            + self.members.len()
            + self.member_ends.len()
            + 2 * self.starts.len();
        self.texts.len() + 4 * numbers
    }
}

impl Dead {
    /// Counts a row that is gone, or takes one out that is not any more.
    fn count(&mut self, names: &Names, column: &Keywords, row: u32, is_gone: bool) {
        let count = |count: &mut u32| {
            *count = if is_gone {
                *count + 1
            } else {
                count.saturating_sub(1)
            };
        };
        for ordinal in column.of(row) {
            count(self.spellings.entry(*ordinal).or_default());
        }
        names.of_row(column, row, &mut self.of_row);
        for name in &self.of_row {
            count(self.names.entry(*name).or_default());
        }
    }
}

// Sorting by the first eight bytes as a number, texts only where these agree.
fn first_bytes(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(first)
}

/// A title as it is suggested: without what stands in brackets, behind a dash or
/// a bar, and without numbers of requisitions and marks of gender at its end.
/// `None` where nothing is left that reads like a title.
pub fn clean_title(title: &str) -> Option<String> {
    let line = title.lines().find(|line| !line.trim().is_empty())?;
    let mut plain = String::with_capacity(line.len());
    let mut depth = 0_u32;
    for c in line.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let cut = [" - ", " – ", " — ", " | ", " @ ", " // ", ": "];
    let end = cut.iter().filter_map(|mark| plain.find(mark)).min();
    let head = plain.get(..end.unwrap_or(plain.len())).unwrap_or("");
    let mut words: Vec<&str> = head.split_whitespace().collect();
    while words.last().is_some_and(|word| is_noise(word)) {
        words.pop();
    }
    let text = words.join(" ").replace(" ,", ",");
    let text = text.trim_matches(|c: char| !is_word(c) && c != '.' && c != '*');
    let text = text.trim_end_matches('.').trim_matches('*').trim();
    let good = text.chars().any(char::is_alphabetic)
        && text.chars().nth(1).is_some()
        && text.chars().count() <= TITLE_CHARS_MAX;
    good.then(|| text.to_owned())
}

// `#1234`, `REQ-2024-17`, `R0012345`, `m/w/d`, `H/F`, `–`.
fn is_noise(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
    let gender = word.contains('/')
        && letters.len() <= 4
        && letters.iter().all(|c| {
            matches!(
                c.to_ascii_lowercase(),
                'm' | 'w' | 'd' | 'f' | 'h' | 'x' | 'v'
            )
        });
    let number = digits >= 4 && (digits >= letters.len());
    gender || number || (letters.is_empty() && digits == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(rows: &[&[&str]]) -> Keywords {
        let owned: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|v| (*v).to_owned()).collect())
            .collect();
        let slices: Vec<&[String]> = owned.iter().map(Vec::as_slice).collect();
        Keywords::build(&slices)
    }

    #[test]
    fn titles_lose_what_is_not_the_title() {
        let cases = [
            ("Data Engineer - Berlin", Some("Data Engineer")),
            ("Data Engineer (m/w/d)", Some("Data Engineer")),
            ("(Senior) Data Engineer | Remote", Some("Data Engineer")),
            ("Data Engineer #12345", Some("Data Engineer")),
            ("Data Engineer R0012345", Some("Data Engineer")),
            ("Pflegefachkraft m/w/d", Some("Pflegefachkraft")),
            ("Administrateur réseau (H/F)", Some("Administrateur réseau")),
            ("Manager (m/f), Berlin", Some("Manager, Berlin")),
            ("C++ Developer", Some("C++ Developer")),
            ("Sr. Engineer, Web3", Some("Sr. Engineer, Web3")),
            (".NET Developer", Some(".NET Developer")),
            ("*** URGENT *** Driver", Some("URGENT *** Driver")),
            ("12345", None),
            ("(remote)", None),
            ("  \n ", None),
        ];
        for (title, expected) in cases {
            assert_eq!(clean_title(title).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn names_are_words_without_case_accents_and_signs() {
        let cases = [
            ("Full-Time", "full time"),
            ("  Zürich,  CH ", "zurich ch"),
            ("Node.js (v18).", "node.js v18"),
            (".NET/C#", ".net c#"),
            ("R&D", "r&d"),
            ("--", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(normal(text), expected, "{text}");
        }
    }

    #[test]
    fn spellings_share_a_name_and_dead_rows_are_taken_out() {
        let column = column(&[
            &["Data Engineer"],
            &["data engineer", "Data Engineer"],
            &[],
            &["DATA-ENGINEER", "Engineer"],
        ]);
        let names = Names::build(&column, 4);
        let name = names.find("data engineer").unwrap();
        assert_eq!(names.spellings(name).len(), 3);
        let none = Dead::default();
        assert_eq!(names.living(name, &none), 3);
        let mut alive = Bits::full(4);
        alive.clear(1);
        let dead = names.dead(&column, &alive);
        assert_eq!(names.living(name, &dead), 2);
        let spelled = column.ordinal("Data Engineer").unwrap();
        assert_eq!(names.living_spelling(spelled, &none), 2);
        assert_eq!(names.living_spelling(spelled, &dead), 1);
        assert_eq!(names.beginning("eng").len(), 2);
        assert_eq!(names.beginning("").len(), 3);
        assert!(names.beginning("x").is_empty());
    }

    proptest! {
        #[test]
        fn no_title_and_no_value_panics(text in any::<String>()) {
            if let Some(title) = clean_title(&text) {
                prop_assert!(title.chars().any(char::is_alphabetic));
            }
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once.clone());
        }

        #[test]
        fn beginnings_are_those_a_scan_finds(values in prop::collection::vec("[ab .é-]{0,6}", 1..20), prefix in "[abe]{0,2}") {
            let rows: Vec<Vec<&str>> = values.iter().map(|v| vec![v.as_str()]).collect();
            let slices: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            let column = column(&slices);
            let names = Names::build(&column, rows.len() as u32);
            let mut found: Vec<(String, u32)> = names.beginning(&prefix).iter()
                .map(|start| (names.text(start.name).to_owned(), start.offset)).collect();
            found.sort();
            let mut expected = Vec::new();
            let mut texts: Vec<String> = values.iter().map(|v| normal(v)).filter(|t| !t.is_empty()).collect();
            texts.sort();
            texts.dedup();
            for text in texts {
                let mut offset = 0;
                for word in text.split(' ') {
                    if text.get(offset..).unwrap().starts_with(&prefix) {
                        expected.push((text.clone(), offset as u32));
                    }
                    offset += word.len() + 1;
                }
            }
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
