//! The large form of postings: one tantivy segment in memory. The only file
//! that names tantivy.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::{OwnedBytes, RamDirectory};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Directory, Index, InvertedIndexReader, TERMINATED, TantivyDocument, TantivyError};

use super::{Pattern, TermTexts};
use crate::checkpoint::forms::{ArchivedFileForm, FileForm};
use crate::terms::Terms;

const FIELD: &str = "terms";
const TOKENIZER: &str = "rows";
// Terms are held apart by a byte that no term contains.
const SEPARATOR: char = '\u{0}';
// What tantivy's writer may use before it asks for more; a segment of 250,000
// rows needs about 200 MB.
const WRITER_BYTES: usize = 256 << 20;

/// Postings of up to 250,000 rows.
pub struct LargeText {
    inverted: Arc<InvertedIndexReader>,
    // By name; the bytes are the directory's, held once.
    files: Vec<(String, OwnedBytes)>,
    bytes: usize,
}

impl fmt::Debug for LargeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LargeText")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl LargeText {
    /// Builds a segment whose document numbers are the row numbers.
    pub(super) fn build(texts: &TermTexts, terms: &Terms) -> Self {
        Self::try_build(texts, terms).expect("building a tantivy segment in memory does no I/O")
    }

    fn try_build(texts: &TermTexts, terms: &Terms) -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let field: Field =
            schema.add_text_field(FIELD, TextOptions::default().set_indexing_options(indexing));
        let tokenizers = TokenizerManager::new();
        tokenizers.register(TOKENIZER, Rows);
        let directory = RamDirectory::create();
        let mut writer = Index::builder()
            .schema(schema.build())
            .tokenizers(tokenizers)
            .single_segment_index_writer(directory.clone(), WRITER_BYTES)?;
        let mut line = String::new();
        for row in 0..terms.rows() {
            line.clear();
            for entry in terms.entries(row) {
                let text = texts.get(entry.key());
                for _ in 0..entry.posting() {
                    line.push_str(text);
                    line.push(SEPARATOR);
                }
            }
            let mut document = TantivyDocument::default();
            document.add_text(field, &line);
            writer.add_document(document)?;
        }
        let index = writer.finalize()?;
        let mut names: Vec<String> = Vec::new();
        for path in index.directory().list_managed_files() {
            if directory.exists(&path)? {
                names.push(path.to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Self::of(&index, &directory, names, terms.rows() as usize)
    }

    fn of(
        index: &Index,
        directory: &RamDirectory,
        names: Vec<String>,
        rows: usize,
    ) -> tantivy::Result<Self> {
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            let bytes = directory.open_read(Path::new(&name))?.read_bytes()?;
            files.push((name, bytes));
        }
        let field = index.schema().get_field(FIELD)?;
        let searcher = index.reader()?.searcher();
        let [segment] = searcher.segment_readers() else {
            return Err(TantivyError::InternalError("not one segment".to_owned()));
        };
        if segment.max_doc() as usize != rows {
            return Err(TantivyError::InternalError("other rows".to_owned()));
        }
        Ok(Self {
            inverted: segment.inverted_index(field)?,
            files,
            bytes: directory.total_mem_usage(),
        })
    }

    pub(super) fn form(&self) -> Vec<FileForm<'_>> {
        (self.files.iter())
            .map(|(name, bytes)| FileForm { name, bytes })
            .collect()
    }

    pub(super) fn from_form(files: &[ArchivedFileForm<'_>], rows: usize) -> Result<Self, String> {
        let directory = RamDirectory::create();
        let mut names = Vec::with_capacity(files.len());
        for file in files {
            let name: &str = &file.name;
            (directory.atomic_write(Path::new(name), &file.bytes))
                .map_err(|cause| cause.to_string())?;
            names.push(name.to_owned());
        }
        Index::open(directory.clone())
            .and_then(|index| Self::of(&index, &directory, names, rows))
            .map_err(|cause| format!("the files of its postings: {cause}"))
    }

    pub(super) fn postings(&self, term: &str, each: &mut impl FnMut(u32, u32)) {
        let found = self.inverted.terms().get(term.as_bytes());
        let Some(info) = found.expect("a segment in memory is read without I/O") else {
            return;
        };
        let mut postings = self
            .inverted
            .read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)
            .expect("a segment in memory is read without I/O");
        loop {
            let docs = postings.docs();
            if docs.is_empty() || docs[0] == TERMINATED {
                return;
            }
            for (row, frequency) in docs.iter().zip(postings.freqs()) {
                each(*row, *frequency);
            }
            postings.advance();
        }
    }

    pub(super) fn terms(&self, each: &mut impl FnMut(&str)) {
        let stream = self.inverted.terms().stream();
        let mut stream = stream.expect("a segment in memory is read without I/O");
        while stream.advance() {
            if let Ok(term) = std::str::from_utf8(stream.key()) {
                each(term);
            }
        }
    }

    pub(super) fn similar(&self, pattern: &Pattern, each: &mut impl FnMut(&str, u8)) {
        let search = self.inverted.terms().search(pattern).into_stream();
        let mut stream = search.expect("a segment in memory is read without I/O");
        while stream.advance() {
            if let Ok(term) = std::str::from_utf8(stream.key())
                && let Some(edits) = pattern.edits(term)
            {
                each(term, edits);
            }
        }
    }

    pub(super) fn terms_from(&self, beginning: &str, each: &mut impl FnMut(&str)) {
        let range = self.inverted.terms().range().ge(beginning).into_stream();
        let mut stream = range.expect("a segment in memory is read without I/O");
        while stream.advance() {
            match std::str::from_utf8(stream.key()) {
                Ok(term) if term.starts_with(beginning) => each(term),
                Ok(_) | Err(_) => return,
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[derive(Clone)]
struct Rows;

struct RowStream<'a> {
    parts: std::str::Split<'a, char>,
    token: Token,
}

impl Tokenizer for Rows {
    type TokenStream<'a> = RowStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> RowStream<'a> {
        RowStream {
            parts: text.split(SEPARATOR),
            token: Token::default(),
        }
    }
}

impl TokenStream for RowStream<'_> {
    fn advance(&mut self) -> bool {
        match self.parts.next() {
            Some(part) if !part.is_empty() => {
                self.token.text.clear();
                self.token.text.push_str(part);
                self.token.position = self.token.position.wrapping_add(1);
                true
            }
            Some(_) | None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
