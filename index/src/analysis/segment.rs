//! Scripts written without blanks: Han, Kana, Thai, Lao, Khmer, Burmese. Owns
//! the word dictionary; called only where such letters are.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::WordSegmenterBorrowed;
use icu_segmenter::{WordSegmenter, options::WordBreakInvariantOptions};

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// Whether a letter's script is written without blanks.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}'       // Thai, Lao
        | '\u{1000}'..='\u{109f}'   // Burmese
        | '\u{1780}'..='\u{17ff}'   // Khmer
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'   // Kana
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'   // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// The words of a run of such letters, as byte ranges that cover it.
pub(super) fn for_each(run: &str, emit: &mut impl FnMut(Range<usize>)) {
    let mut start = 0;
    for end in SEGMENTER.segment_str(run).skip_while(|&end| end == 0) {
        emit(start..end);
        start = end;
    }
}
