//! Conditions on pay as a whole: a range of one currency a year against what a
//! document pays at least and at most, converted. Owns what pay means to
//! filters, facets and sorts; the rates are the index's.

use tandem_index::bits::Bits;
use tandem_index::columns::Column;
use tandem_index::kinds::{FieldType, Kind};
use tandem_index::pay::per_year;
use tandem_index::rates;
use tandem_index::segment::Segment;

use super::bounds::{Wrong, range};
use crate::request::Condition;

/// The currency of a bound that names none, and of sorting.
pub const CURRENCY: &str = "EUR";

/// One side of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Where it is.
    pub value: f64,
    /// Whether the value itself is inside.
    pub inclusive: bool,
}

impl Bound {
    /// A bound.
    pub fn new(value: f64, inclusive: bool) -> Self {
        Self { value, inclusive }
    }

    /// Whether a lower bound lets a value pass.
    pub fn at_most(self, value: f64) -> bool {
        value > self.value || (self.inclusive && value >= self.value)
    }

    /// Whether an upper bound lets a value pass.
    pub fn at_least(self, value: f64) -> bool {
        value < self.value || (self.inclusive && value <= self.value)
    }
}

/// Where a kind keeps the parts of a field of pay: lowest, highest, currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayColumns {
    /// The column of the lowest; highest and currency follow it.
    pub min: usize,
}

/// What a row pays a year, in one currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// At least.
    pub least: f64,
    /// At most.
    pub most: f64,
}

impl PayColumns {
    /// The columns of a field of type pay.
    pub fn of(kind: &Kind, name: &str) -> Option<Self> {
        let field = kind.field(name)?;
        let min = kind.column(&format!("{name}.min"))?;
        (field.field_type == FieldType::Pay).then_some(Self { min })
    }

    /// What an amount of each of a segment's currencies is multiplied with to
    /// be one of `currency`, by the currency's number; `None` has no rate.
    pub fn factors(self, segment: &Segment, currency: &str) -> Vec<Option<f64>> {
        let Some(held) = segment.columns[self.min + 2].keywords() else {
            return Vec::new();
        };
        (0..held.distinct() as u32)
            .map(|ordinal| factor(held.value(ordinal), currency))
            .collect()
    }

    /// What a row pays; `None` where it does not say, or in a currency without a
    /// rate. Without a currency an amount is taken as it stands, as in the score.
    pub fn amount(self, segment: &Segment, row: u32, factors: &[Option<f64>]) -> Option<Amount> {
        let number = |at: usize| segment.columns[at].number(row);
        let (min, max) = (number(self.min), number(self.min + 1));
        let (least, most) = (min.or(max)?, max.or(min)?);
        let currency = segment.columns[self.min + 2].keywords()?.of(row).first();
        let factor = match currency {
            Some(ordinal) => (*factors.get(*ordinal as usize)?)?,
            None => 1.0,
        };
        Some(Amount {
            least: least * factor,
            most: most * factor,
        })
    }
}

fn factor(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    rates::convert(1.0, from, to)
}

/// A currency code as it is kept. Errors: one without a rate.
pub fn currency(code: Option<&str>) -> Result<String, String> {
    let code = code.unwrap_or(CURRENCY).trim().to_uppercase();
    if factor(&code, CURRENCY).is_none() {
        return Err(format!(
            "there is no rate for the currency `{}`",
            code.escape_debug()
        ));
    }
    Ok(code)
}

/// A checked range of pay.
#[derive(Clone, Debug)]
pub(super) struct Overlap {
    columns: PayColumns,
    currency: String,
    low: Option<Bound>,
    high: Option<Bound>,
}

/// Checks a condition on pay; what it left out stands in it afterwards.
pub(super) fn compile(columns: PayColumns, condition: &mut Condition) -> Result<Overlap, Wrong> {
    if condition.any.is_some() || !condition.all.is_empty() || !condition.none.is_empty() {
        return Err("pay takes a range: gte, gt, lte, lt".into());
    }
    let currency = currency(condition.currency.as_deref())
        .map_err(|detail| Wrong::with("currency", detail))?;
    let period = condition.period.get_or_insert_with(|| "year".to_owned());
    let year = per_year(period)
        .ok_or_else(|| Wrong::with("period", "a period is hour, day, week, month or year"))?;
    let (low, high) = range(condition, |value| {
        let amount = value.as_f64().ok_or("expected an amount")?;
        if (0.0..=1e12).contains(&amount) {
            Ok(amount * year)
        } else {
            Err("expected an amount from 0".to_owned())
        }
    })?;
    if low.is_none() && high.is_none() {
        return Err("needs a bound: gte, gt, lte or lt".into());
    }
    condition.currency = Some(currency.clone());
    Ok(Overlap {
        columns,
        currency,
        low,
        high,
    })
}

impl Overlap {
    // A document passes if some amount it pays is in the range.
    pub(super) fn rows(&self, segment: &Segment, unknown: &Bits) -> Bits {
        let factors = self.columns.factors(segment, &self.currency);
        debug_assert!(matches!(
            segment.columns[self.columns.min],
            Column::Numbers(_)
        ));
        Bits::from_fn(unknown.len(), |row| {
            match self.columns.amount(segment, row, &factors) {
                None => unknown.get(row),
                Some(pay) => {
                    self.low.is_none_or(|bound| bound.at_most(pay.most))
                        && self.high.is_none_or(|bound| bound.at_least(pay.least))
                }
            }
        })
    }
}
