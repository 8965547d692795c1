//! A stored document as the source of a match: what its segment keeps of it, so
//! that its prose is not read again. Owns the way back from a row of a segment to
//! the row that was stored; only the texts of its words are taken from the document.

use tandem_index::analysis::{Language, Words, analyse};
use tandem_index::columns::Column;
use tandem_index::document::{Cell, Document};
use tandem_index::row::{GAPS, Row};
use tandem_index::segment::Segment;
use tandem_index::snapshot::Collection;
use tandem_index::vectors::QueryVector;

/// A row as a query is made of it, and its vector.
pub(crate) struct Kept {
    /// All of it but stems, title and vector.
    pub(crate) row: Row,
    /// Its vector in the form that vectors are compared in.
    pub(crate) vector: Option<QueryVector>,
}

impl Kept {
    /// The same of a document that was analysed now.
    pub(crate) fn of(row: Row) -> Self {
        let vector = row.vector.as_deref();
        Self {
            vector: vector.and_then(|vector| QueryVector::new(vector).ok()),
            row,
        }
    }
}

/// What is kept of a stored document; `None` where a word of it is not found in
/// its texts, as one is that begins or ends where privacy cuts.
pub(crate) fn kept(collection: &Collection, document: &Document) -> Option<Kept> {
    let (at, number) = collection.find(&document.id)?;
    let segment = &*collection.segments.get(at)?.segment;
    let terms = &segment.terms;
    let (held, skills) = (terms.words(number), terms.skills(number));
    // Words stand in the text in their order, stems do not.
    let mut texts: Vec<Option<Box<str>>> = vec![None; held.len()];
    let mut is_word = vec![false; held.len()];
    for token in terms.tokens(number).iter().filter(|token| **token < GAPS) {
        *is_word.get_mut(usize::from(*token))? = true;
    }
    let mut words = Words::default();
    for (_, text) in &document.texts {
        words.clear();
        analyse(text, None, &mut words);
        for word in words.items() {
            if let Ok(at) = held.binary_search_by_key(&word.key, |entry| entry.key())
                && is_word[at]
                && texts[at].is_none()
            {
                texts[at] = Some(words.folded(word).into());
            }
        }
    }
    let mut entries = Vec::with_capacity(held.len() + skills.len());
    let mut kept: Vec<Box<str>> = Vec::with_capacity(held.len());
    for ((entry, text), _) in (held.iter().zip(texts).zip(is_word)).filter(|(_, is_word)| *is_word)
    {
        entries.push(*entry);
        kept.push(text?);
    }
    entries.extend(skills);
    let words = kept.iter().map(|text| &**text);
    let term_texts = words.chain(skills.iter().map(|_| "~")).collect();
    let cells = cells(segment, number, &document.cells);
    Some(Kept {
        row: Row {
            id: document.id.clone(),
            version: document.version,
            json: Vec::new(),
            entries,
            term_texts,
            tokens: Vec::new(),
            lengths: terms.lengths(number),
            language: match cells.first() {
                Some(Cell::Words(tags)) => tags.first().and_then(|tag| Language::from_tag(tag)),
                Some(Cell::Unknown | Cell::Number(_)) | None => None,
            },
            cells,
            title: None,
            vector: None,
        },
        vector: segment.vectors.query(number),
    })
}

// The cells a row was stored with. Columns keep the values of a row in the order
// of the alphabet: what the document itself gives stays in its own.
fn cells(segment: &Segment, row: u32, given: &[Cell]) -> Vec<Cell> {
    let cell = |(column, given): (&Column, &Cell)| match column {
        Column::Numbers(_) => column.number(row).map_or(Cell::Unknown, Cell::Number),
        Column::Keywords(held) => {
            let values = held.of(row).iter().map(|ordinal| held.value(*ordinal));
            let values: Vec<String> = values.map(str::to_owned).collect();
            match given {
                _ if values.is_empty() => Cell::Unknown,
                Cell::Words(own) if is_same(own, &values) => Cell::Words(own.clone()),
                Cell::Words(_) | Cell::Unknown | Cell::Number(_) => Cell::Words(values),
            }
        }
    };
    segment.columns.iter().zip(given).map(cell).collect()
}

fn is_same(own: &[String], sorted: &[String]) -> bool {
    own.iter().all(|value| sorted.contains(value)) && sorted.iter().all(|value| own.contains(value))
}
