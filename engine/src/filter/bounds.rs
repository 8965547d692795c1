//! The bounds of a range, and which part of a condition is wrong.

use serde_json::Value;

use super::pay::Bound;
use crate::request::Condition;

/// A detail, and the part it is about; empty where it is the whole.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) part: &'static str,
    pub(super) detail: String,
}

impl Wrong {
    /// What is wrong with one part.
    pub(super) fn with(part: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { part, detail }
    }
}

impl From<String> for Wrong {
    fn from(detail: String) -> Self {
        Self::with("", detail)
    }
}

impl From<&str> for Wrong {
    fn from(detail: &str) -> Self {
        Self::with("", detail)
    }
}

/// The bounds of a range, read with `number`.
pub(super) fn range(
    condition: &Condition,
    number: impl Fn(&Value) -> Result<f64, String>,
) -> Result<(Option<Bound>, Option<Bound>), Wrong> {
    let read = |part, value, inclusive| {
        let number = number(value).map_err(|detail| Wrong::with(part, detail))?;
        Ok(Some(Bound::new(number, inclusive)))
    };
    let bound = |(with, name), (without, other)| match (with, without) {
        (Some(_), Some(_)) => Err(Wrong::with(other, "has two bounds on one side")),
        (Some(value), None) => read(name, value, true),
        (None, Some(value)) => read(other, value, false),
        (None, None) => Ok(None),
    };
    let Condition {
        gte, gt, lte, lt, ..
    } = condition;
    let low = bound((gte.as_ref(), "gte"), (gt.as_ref(), "gt"))?;
    let high = bound((lte.as_ref(), "lte"), (lt.as_ref(), "lt"))?;
    if let (Some(low), Some(high)) = (low, high)
        && low.value > high.value
    {
        return Err("the lower bound is above the upper one".into());
    }
    Ok((low, high))
}
