//! Boolean expressions: compiled for a kind, evaluated to a bitmap a segment.
//! Owns what an expression matches: exactly what it says, nothing else.

mod parse;

use tandem_index::analysis::{Language, query_terms};
use tandem_index::bits::Bits;
use tandem_index::document::{Group, parse_date_ms, show_date_ms};
use tandem_index::kinds::{FieldType, Kind, did_you_mean};
use tandem_index::segment::Segment;

use crate::answer::{Failure, Fault};
use crate::filter::{self, Filter};
use crate::parse::{Clause, Sign};
use crate::prepare::Question;
use crate::query::{Need, Word};
use crate::request::{Condition, Syntax, WordsRule};
use crate::retrieve::rows_with;
use crate::sources::group_of;
use parse::{Atom, Tree};

pub use parse::{DEPTH_MAX, TERMS_MAX, Wrong};

const DAY_MS: i64 = 86_400_000;

/// A compiled expression.
#[derive(Clone, Debug)]
pub enum Expression {
    /// A word with its stems, or a phrase; the text is as typed.
    Words {
        /// The words.
        need: Need,
        /// In normal form.
        shown: String,
        /// As typed.
        text: String,
    },
    /// A condition on a column.
    Column {
        /// The condition.
        filter: Box<Filter>,
        /// In normal form.
        shown: String,
    },
    /// All of these.
    And(Vec<Expression>),
    /// One of these.
    Or(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
}

/// Whether a query is read as an expression.
pub fn is_boolean(text: &str, syntax: Syntax) -> bool {
    match syntax {
        Syntax::Boolean => true,
        Syntax::Words => false,
        Syntax::Auto => parse::is_meant(text),
    }
}

/// Reads and compiles an expression. The languages decide which stems a word
/// has.
pub fn compile(kind: &Kind, text: &str, languages: &[Language]) -> Result<Expression, Wrong> {
    expression(kind, parse::parse(text)?, languages)
}

fn expression(kind: &Kind, tree: Tree, languages: &[Language]) -> Result<Expression, Wrong> {
    let list = |trees: Vec<Tree>| -> Result<Vec<Expression>, Wrong> {
        trees
            .into_iter()
            .map(|tree| expression(kind, tree, languages))
            .collect()
    };
    Ok(match tree {
        Tree::Atom(atom) => leaf(kind, atom, languages)?,
        Tree::And(trees) => Expression::And(
            list(trees)?
                .into_iter()
                .flat_map(|part| match part {
                    Expression::And(parts) => parts,
                    one @ (Expression::Words { .. }
                    | Expression::Column { .. }
                    | Expression::Or(_)
                    | Expression::Not(_)) => vec![one],
                })
                .collect(),
        ),
        Tree::Or(trees) => Expression::Or(
            list(trees)?
                .into_iter()
                .flat_map(|part| match part {
                    Expression::Or(parts) => parts,
                    one @ (Expression::Words { .. }
                    | Expression::Column { .. }
                    | Expression::And(_)
                    | Expression::Not(_)) => vec![one],
                })
                .collect(),
        ),
        Tree::Not(tree) => Expression::Not(Box::new(expression(kind, *tree, languages)?)),
    })
}

fn leaf(kind: &Kind, atom: Atom, languages: &[Language]) -> Result<Expression, Wrong> {
    let Some((name, at)) = &atom.field else {
        return words(atom, None, languages);
    };
    if let Some(group) = group_of(kind, name) {
        if !atom.quoted && is_range(&atom.text) {
            return Err(Wrong::new(format!(
                "`{name}` at character {at} is a field of words, a range needs numbers or dates"
            )));
        }
        return words(atom, Some(group), languages);
    }
    if kind.person_column(name).is_some() {
        let detail = filter::only_by_filter(name);
        return Err(Wrong::new(format!("`{name}` at character {at}: {detail}")));
    }
    if !filter::names(kind).any(|known| known == name) {
        let fields = kind.fields.iter().map(|field| field.name.as_str());
        let fields = fields.filter(|name| group_of(kind, name).is_some());
        return Err(Wrong {
            detail: format!("`{name}` at character {at} is no field of {}", kind.name),
            did_you_mean: did_you_mean(&name.to_lowercase(), filter::names(kind).chain(fields)),
        });
    }
    let filter = column(kind, name, &atom.text, atom.quoted)
        .map_err(|detail| Wrong::new(format!("`{name}` at character {at}: {detail}")))?;
    Ok(Expression::Column {
        shown: format!("{name}:{}", shown_value(&atom.text, atom.quoted)),
        filter: Box::new(filter),
    })
}

fn words(atom: Atom, group: Option<Group>, languages: &[Language]) -> Result<Expression, Wrong> {
    let mut terms = query_terms(&atom.text, languages);
    if terms.is_empty() {
        return Err(Wrong::new(format!(
            "`{}` at character {} has no words",
            atom.text.escape_debug(),
            atom.at
        )));
    }
    let names: Vec<&str> = terms.iter().map(|term| term.word.as_str()).collect();
    // What analysis splits, such as `full-time`, is a phrase: else NOT would not
    // be its opposite.
    let phrase = atom.quoted || terms.len() > 1;
    let mut shown = atom
        .field
        .map_or_else(String::new, |(name, _)| format!("{name}:"));
    shown.push_str(&shown_value(&names.join(" "), phrase));
    let terms = if phrase {
        terms
            .into_iter()
            .filter_map(|term| term.alternatives.into_iter().next())
            .collect()
    } else {
        terms.swap_remove(0).alternatives
    };
    Ok(Expression::Words {
        need: Need {
            terms,
            phrase,
            group,
            absent: false,
        },
        shown,
        text: atom.text,
    })
}

fn shown_value(text: &str, quoted: bool) -> String {
    if quoted {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

fn is_range(text: &str) -> bool {
    text.starts_with(['<', '>']) || text.contains("..")
}

/// The condition `name:text` is: a value, or a range of numbers, dates or pay.
/// Errors say what is wrong with the value.
pub fn column(kind: &Kind, name: &str, text: &str, quoted: bool) -> Result<Filter, String> {
    let def = kind.column(name).map(|at| &kind.columns()[at]);
    let pay = kind.field(name).map(|field| field.field_type) == Some(FieldType::Pay);
    let numeric = def.is_some_and(|def| def.numeric) || (pay && def.is_none());
    let date = def.is_some_and(|def| def.date);
    if !numeric && !quoted && is_range(text) {
        return Err("is a field of words, a range needs numbers or dates".into());
    }
    let condition = if numeric {
        number_condition(text, date, pay && def.is_none())?
    } else {
        Condition {
            any: Some(vec![text.into()]),
            ..Condition::default()
        }
    };
    Filter::compile(kind, name, &condition).map_err(|fault| fault.detail)
}

fn number_condition(text: &str, date: bool, pay: bool) -> Result<Condition, String> {
    let value = |text: &str| -> Result<serde_json::Value, String> {
        let text = text.trim();
        if date {
            return Ok(text.into());
        }
        let number: Option<f64> = text.parse().ok();
        number
            .filter(|number| number.is_finite())
            .map(serde_json::Value::from)
            .ok_or_else(|| format!("`{}` is no number", text.escape_debug()))
    };
    let bound = |text: &str| (!text.is_empty()).then(|| value(text)).transpose();
    let mut condition = Condition::default();
    if let Some(rest) = text.strip_prefix(">=") {
        condition.gte = Some(value(rest)?);
    } else if let Some(rest) = text.strip_prefix("<=") {
        condition.lte = Some(value(rest)?);
    } else if let Some(rest) = text.strip_prefix('>') {
        condition.gt = Some(value(rest)?);
    } else if let Some(rest) = text.strip_prefix('<') {
        condition.lt = Some(value(rest)?);
    } else if let Some((low, high)) = text.split_once("..") {
        condition.gte = bound(low)?;
        condition.lte = bound(high)?;
    } else if date && text.len() == "2026-01-01".len() {
        // A day is all of its moments.
        let ms = parse_date_ms(text).ok_or("expected a date such as 2026-01-31")?;
        condition.gte = Some(text.into());
        condition.lt = Some(show_date_ms(ms + DAY_MS).into());
    } else if pay {
        condition.gte = Some(value(text)?);
        condition.lte = Some(value(text)?);
    } else {
        condition.any = Some(vec![value(text)?]);
    }
    Ok(condition)
}

impl Expression {
    /// The rows of `within` that match. Every part is looked for only in the rows
    /// that are left.
    pub fn rows(&self, segment: &Segment, within: &Bits) -> Bits {
        match self {
            Self::Words { need, .. } => {
                let mut rows = rows_with(need, segment, within);
                rows.and_assign(within);
                rows
            }
            Self::Column { filter, .. } => {
                let mut rows = filter.rows(segment);
                rows.and_assign(within);
                rows
            }
            Self::And(parts) => {
                let mut rows = within.clone();
                for part in parts {
                    rows = part.rows(segment, &rows);
                }
                rows
            }
            Self::Or(parts) => {
                let mut rows = Bits::new(within.len());
                let mut left = within.clone();
                for part in parts {
                    let found = part.rows(segment, &left);
                    left.and_not_assign(&found);
                    rows.or_assign(&found);
                }
                rows
            }
            Self::Not(part) => {
                let mut rows = within.clone();
                rows.and_not_assign(&part.rows(segment, within));
                rows
            }
        }
    }

    /// Its conditions on columns.
    pub(crate) fn filters_mut(&mut self) -> Vec<&mut Filter> {
        match self {
            Self::Words { .. } => Vec::new(),
            Self::Column { filter, .. } => vec![filter],
            Self::And(parts) | Self::Or(parts) => {
                parts.iter_mut().flat_map(Self::filters_mut).collect()
            }
            Self::Not(part) => part.filters_mut(),
        }
    }

    /// Whether amounts are converted between currencies.
    pub fn converts(&self) -> bool {
        match self {
            Self::Words { .. } => false,
            Self::Column { filter, .. } => filter.converts(),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::converts),
            Self::Not(part) => part.converts(),
        }
    }

    /// The words and phrases a document is better for having, as clauses.
    pub fn wanted(&self) -> Vec<Clause> {
        let mut clauses = Vec::new();
        self.collect(true, &mut clauses);
        clauses
    }

    fn collect(&self, wanted: bool, clauses: &mut Vec<Clause>) {
        match self {
            Self::Words { text, need, .. } if wanted => clauses.push(Clause {
                sign: Sign::Must,
                field: None,
                text: text.clone(),
                phrase: need.phrase,
                start: 0,
            }),
            Self::Words { .. } | Self::Column { .. } => {}
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.collect(wanted, clauses);
                }
            }
            Self::Not(part) => part.collect(!wanted, clauses),
        }
    }

    /// The expression in normal form: words folded, operators written out.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Words { shown, .. } | Self::Column { shown, .. } => out.push_str(shown),
            Self::And(parts) => write_joined(parts, " AND ", out),
            Self::Or(parts) => write_joined(parts, " OR ", out),
            Self::Not(part) => {
                out.push_str("NOT ");
                part.write_inner(out);
            }
        }
    }

    fn write_inner(&self, out: &mut String) {
        match self {
            Self::And(_) | Self::Or(_) => {
                out.push('(');
                self.write(out);
                out.push(')');
            }
            Self::Words { .. } | Self::Column { .. } | Self::Not(_) => self.write(out),
        }
    }
}

fn write_joined(parts: &[Expression], with: &str, out: &mut String) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(with);
        }
        part.write_inner(out);
    }
}

// Whether a word outside quotes has a star in it or behind it.
fn has_star(text: &str) -> bool {
    text.split('"')
        .step_by(2)
        .flat_map(str::split_whitespace)
        .any(|word| word.contains('*') && word.chars().any(char::is_alphanumeric))
}

impl Question<'_> {
    /// Reads a query as an expression: it decides what matches, its words score.
    pub(crate) fn read_boolean(&mut self, q: &str, vector: Option<&[f32]>) -> Result<(), Failure> {
        let languages = self.languages();
        let expression = compile(self.kind, q, &languages).map_err(|wrong| Failure {
            faults: vec![Fault {
                pointer: "/q".into(),
                code: "invalid_query",
                detail: wrong.detail,
                did_you_mean: wrong.did_you_mean,
            }],
        })?;
        if has_star(q) {
            let what = "`*` is no wildcard in a Boolean query and was left out: words match whole, or by their stem";
            self.warnings.push(what.into());
        }
        let wanted = expression.wanted();
        let texts: Vec<&str> = wanted.iter().map(|clause| clause.text.as_str()).collect();
        let text = texts.join(" ");
        let statistics = &self.collection.statistics;
        let said = query_terms(&text, &languages).into_iter();
        let said = said.map(|term| Word::new(term.word, term.alternatives, statistics));
        self.score_words(0, said.collect(), WordsRule::Any);
        self.ask_skills(&wanted);
        self.embed(&text, &wanted, vector)?;
        self.query.strict = true;
        self.query.posted_column = self.kind.facts().posted;
        self.applied
            .insert("boolean".into(), expression.shown().into());
        self.expression = Some(expression);
        Ok(())
    }

    /// Takes the clauses on columns out of a query of words: each is a must, or
    /// with a dash a not. One that is no condition is read as words.
    pub(crate) fn take_columns(
        &mut self,
        clauses: Vec<Clause>,
        shown: &mut [Vec<String>; 3],
    ) -> Vec<Clause> {
        let mut left = Vec::new();
        let mut taken = Vec::new();
        for clause in clauses {
            let name = clause.field.clone();
            let Some(name) = name.filter(|name| group_of(self.kind, name).is_none()) else {
                left.push(clause);
                continue;
            };
            match column(self.kind, &name, &clause.text, clause.phrase) {
                Err(detail) => {
                    self.warnings.push(format!(
                        "{name}:{} is searched as words: {detail}",
                        clause.text
                    ));
                    left.push(Clause {
                        field: None,
                        ..clause
                    });
                }
                Ok(filter) => {
                    let text = format!("{name}:{}", shown_value(&clause.text, clause.phrase));
                    let part = Expression::Column {
                        filter: Box::new(filter),
                        shown: text.clone(),
                    };
                    if clause.sign == Sign::Not {
                        shown[1].push(text);
                        taken.push(Expression::Not(Box::new(part)));
                    } else {
                        shown[0].push(text);
                        taken.push(part);
                    }
                }
            }
        }
        self.expression = (!taken.is_empty()).then_some(Expression::And(taken));
        left
    }
}
