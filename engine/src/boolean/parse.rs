//! The Boolean grammar: from a text to a tree. Owns syntax and its errors, each
//! with the position of a character; knows nothing of fields or words.

use crate::parse::is_quote;

/// Most words, phrases and values of an expression.
pub const TERMS_MAX: usize = 1_000;
/// Most parentheses in each other.
pub const DEPTH_MAX: usize = 50;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What, with its position.
    pub detail: String,
    /// A field that was probably meant.
    pub did_you_mean: Option<String>,
}

impl Wrong {
    pub(super) fn new(detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            did_you_mean: None,
        }
    }
}

/// A word, phrase or value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Atom {
    /// The field in front of the colon, and the position it begins at.
    pub field: Option<(String, usize)>,
    /// The text.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// The position of its first character, counted from 1.
    pub at: usize,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// A word, phrase or value.
    Atom(Atom),
    /// All of at least two.
    And(Vec<Tree>),
    /// One of at least two.
    Or(Vec<Tree>),
    /// Not this; never a not itself.
    Not(Box<Tree>),
}

/// Whether a query is meant as an expression: it has `AND`, `OR` or `NOT` in
/// capitals as a word outside quotes. In "Portland, OR" it is a state.
pub(super) fn is_meant(text: &str) -> bool {
    let mut outside = true;
    let mut word = String::new();
    let mut after_comma = false;
    for letter in text.chars().chain([' ']) {
        if is_quote(letter) || letter.is_whitespace() || matches!(letter, '(' | ')') {
            let operator = match word.as_str() {
                "AND" | "NOT" => true,
                "OR" => !after_comma,
                _ => false,
            };
            if outside && operator {
                return true;
            }
            if !word.is_empty() {
                after_comma = word.ends_with(',');
            }
            word.clear();
            outside ^= is_quote(letter);
        } else if outside {
            word.push(letter);
        }
    }
    false
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not(&'static str),
    Plus,
    Field(String),
    Word(String),
    Phrase(String),
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Tree, Wrong> {
    let tokens = Lexer::new(text).tokens()?;
    if tokens.is_empty() {
        return Err(Wrong::new("the expression is empty"));
    }
    let mut parser = Parser {
        tokens,
        next: 0,
        terms: 0,
    };
    let tree = parser.expression(0, None)?;
    match parser.peek() {
        None => Ok(tree),
        // Everything else is taken by `expression`.
        Some((_, at)) => Err(Wrong::new(format!(
            "the `)` at character {at} closes nothing"
        ))),
    }
}

struct Lexer {
    letters: Vec<char>,
    at: usize,
    tokens: Vec<(Token, usize)>,
}

impl Lexer {
    fn new(text: &str) -> Self {
        Self {
            letters: text.chars().collect(),
            at: 0,
            tokens: Vec::new(),
        }
    }

    fn letter(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn tokens(mut self) -> Result<Vec<(Token, usize)>, Wrong> {
        while let Some(letter) = self.letter(0) {
            let at = self.at + 1;
            let touches = self.letter(1).is_some_and(|next| !next.is_whitespace());
            // Behind a field's colon a dash is part of the value.
            let value = matches!(self.tokens.last(), Some((Token::Field(_), _)));
            let sign = match letter {
                '(' => Some(Token::Open),
                ')' => Some(Token::Close),
                '-' if touches && !value => Some(Token::Not("-")),
                '+' if touches && !value => Some(Token::Plus),
                _ => None,
            };
            if let Some(sign) = sign {
                self.at += 1;
                self.tokens.push((sign, at));
            } else if letter.is_whitespace() {
                self.at += 1;
            } else if is_quote(letter) {
                self.phrase()?;
            } else {
                self.word(value)?;
            }
        }
        Ok(self.tokens)
    }

    fn phrase(&mut self) -> Result<(), Wrong> {
        let at = self.at + 1;
        let inside = &self.letters[at..];
        let Some(length) = inside.iter().position(|letter| is_quote(*letter)) else {
            return Err(Wrong::new(format!(
                "the quote at character {at} is not closed"
            )));
        };
        let text = inside[..length].iter().collect();
        self.at = at + length + 1;
        self.tokens.push((Token::Phrase(text), at));
        Ok(())
    }

    fn word(&mut self, value: bool) -> Result<(), Wrong> {
        let start = self.at;
        let mut text = String::new();
        while let Some(letter) = self.letter(0) {
            if letter.is_whitespace() || is_quote(letter) || matches!(letter, '(' | ')') {
                break;
            }
            self.at += 1;
            if letter == ':' && !value && is_name(&text) {
                let behind = self.letter(0);
                if behind.is_none_or(|next| next.is_whitespace() || next == ')') {
                    return Err(Wrong::new(format!(
                        "there is nothing behind `{text}:` at character {}",
                        start + 1
                    )));
                }
                self.tokens.push((Token::Field(text), start + 1));
                return Ok(());
            }
            text.push(letter);
        }
        let token = match text.as_str() {
            "AND" if !value => Token::And,
            "OR" if !value => Token::Or,
            "NOT" if !value => Token::Not("NOT"),
            _ => Token::Word(text),
        };
        self.tokens.push((token, start + 1));
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
}

// The field in front of the parentheses around.
type Outer<'a> = Option<&'a (String, usize)>;

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    terms: usize,
}

impl Parser {
    fn peek(&self) -> Option<(&Token, usize)> {
        self.tokens.get(self.next).map(|(token, at)| (token, *at))
    }

    fn expression(&mut self, depth: usize, field: Outer<'_>) -> Result<Tree, Wrong> {
        let mut parts = vec![self.all(depth, field)?];
        while matches!(self.peek(), Some((Token::Or, _))) {
            self.next += 1;
            parts.push(self.all(depth, field)?);
        }
        Ok(join(parts, Tree::Or))
    }

    fn all(&mut self, depth: usize, field: Outer<'_>) -> Result<Tree, Wrong> {
        let mut parts = vec![self.not(depth, field)?];
        loop {
            match self.peek() {
                None | Some((Token::Close | Token::Or, _)) => return Ok(join(parts, Tree::And)),
                Some((Token::And, _)) => self.next += 1,
                Some(_) => {}
            }
            parts.push(self.not(depth, field)?);
        }
    }

    fn not(&mut self, depth: usize, field: Outer<'_>) -> Result<Tree, Wrong> {
        let mut negated = false;
        loop {
            match self.peek() {
                Some((Token::Not(_), _)) => negated = !negated,
                Some((Token::Plus, _)) => {}
                _ => break,
            }
            self.next += 1;
        }
        let tree = self.atom(depth, field)?;
        Ok(match (negated, tree) {
            (false, tree) => tree,
            (true, Tree::Not(inner)) => *inner,
            (true, tree) => Tree::Not(Box::new(tree)),
        })
    }

    fn atom(&mut self, depth: usize, outer: Outer<'_>) -> Result<Tree, Wrong> {
        let before = self.next.checked_sub(1).and_then(|at| self.tokens.get(at));
        let Some((token, at)) = self.tokens.get(self.next).cloned() else {
            return Err(missing(before, None));
        };
        let mut field = outer.cloned();
        let (mut token, mut first) = (token, at);
        if let Token::Field(name) = token {
            field = Some((name, first));
            self.next += 1;
            // The lexer lets no field stand without something behind it.
            let Some((behind, at)) = self.tokens.get(self.next).cloned() else {
                return Err(missing(before, None));
            };
            (token, first) = (behind, at);
        }
        let atom = |text, quoted| Atom {
            field: field.clone(),
            text,
            quoted,
            at: first,
        };
        let atom = match token {
            Token::Open => return self.group(depth, field.as_ref()),
            Token::Word(text) => atom(text, false),
            Token::Phrase(text) => atom(text, true),
            Token::Close
            | Token::And
            | Token::Or
            | Token::Not(_)
            | Token::Plus
            | Token::Field(_) => {
                return Err(missing(before, Some(&(token, first))));
            }
        };
        self.next += 1;
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(Wrong::new(format!(
                "an expression has at most {TERMS_MAX} terms, the next is at character {first}"
            )));
        }
        if !atom.text.chars().any(char::is_alphanumeric) {
            return Err(Wrong::new(format!(
                "`{}` at character {first} has no letters or digits",
                atom.text.escape_debug()
            )));
        }
        Ok(Tree::Atom(atom))
    }

    fn group(&mut self, depth: usize, field: Outer<'_>) -> Result<Tree, Wrong> {
        let (_, at) = self.tokens[self.next];
        self.next += 1;
        if depth == DEPTH_MAX {
            return Err(Wrong::new(format!(
                "parentheses stand in each other at most {DEPTH_MAX} times, those at character {at} more"
            )));
        }
        if self.peek().is_none() {
            return Err(Wrong::new(format!(
                "the `(` at character {at} is not closed"
            )));
        }
        let tree = self.expression(depth + 1, field)?;
        match self.peek() {
            Some((Token::Close, _)) => {
                self.next += 1;
                Ok(tree)
            }
            _ => Err(Wrong::new(format!(
                "the `(` at character {at} is not closed"
            ))),
        }
    }
}

// An operand that is not there: between the token before and the one found.
fn missing(before: Option<&(Token, usize)>, found: Option<&(Token, usize)>) -> Wrong {
    let named = |token: &Token| match token {
        Token::Open => "`(`",
        Token::Close => "`)`",
        Token::And => "`AND`",
        Token::Or => "`OR`",
        Token::Not("-") => "`-`",
        Token::Not(_) => "`NOT`",
        Token::Plus => "`+`",
        Token::Field(_) | Token::Word(_) | Token::Phrase(_) => "the word",
    };
    let operator =
        |token: &Token| matches!(token, Token::And | Token::Or | Token::Not(_) | Token::Plus);
    Wrong::new(match (before, found) {
        (Some((Token::Open, at)), Some((Token::Close, _))) => {
            format!("the parentheses at character {at} are empty")
        }
        (None, Some((Token::Close, at))) => format!("the `)` at character {at} closes nothing"),
        (Some((token, at)), _) if operator(token) => {
            format!("there is no word behind {} at character {at}", named(token))
        }
        (_, Some((token, at))) => {
            format!("there is no word before {} at character {at}", named(token))
        }
        (_, None) => "a word is missing at the end".to_owned(),
    })
}

fn join(mut parts: Vec<Tree>, with: fn(Vec<Tree>) -> Tree) -> Tree {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        with(parts)
    }
}
