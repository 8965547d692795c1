//! Evidence of pay: what is wanted, what is offered, by which rate. Owns the
//! conversion as it is shown; the value is the score's.

use tandem_index::facts::Value;
use tandem_index::kinds::Meaning;
use tandem_index::rates;

use super::document::Doc;
use super::{Conversion, Line, Pair, Span, adjusted};
use crate::answer::Contribution;
use crate::score::Side;

// Pay of a year: least, most, currency.
struct Yearly<'d> {
    min: Option<f64>,
    max: Option<f64>,
    currency: Option<&'d str>,
}

fn yearly<'d>(doc: &'d Doc<'_>) -> Option<Yearly<'d>> {
    let at = doc.kind.facts().pay_min?;
    let (min, max) = (doc.number(Some(at)), doc.number(Some(at + 1)));
    min.or(max)?;
    Some(Yearly {
        min,
        max,
        currency: doc.list(Some(at + 2)).first().map(String::as_str),
    })
}

fn spans(doc: &Doc<'_>) -> Vec<Span> {
    let said = || doc.facts(|fact| matches!(fact, Value::Pay { .. }));
    doc.field(Meaning::Pay).unwrap_or_else(said)
}

fn shown(amount: f64, currency: Option<&str>) -> String {
    let digits = format!("{:.0}", amount.round());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(currency) = currency {
        text.extend([" ", currency]);
    }
    text
}

/// What is wanted and what is paid, both a year's.
pub(super) fn pay(pair: &Pair<'_>, part: &Contribution, lines: &mut Vec<Line>) {
    let sides = pair
        .question
        .query
        .source
        .as_ref()
        .map(|source| &source.sides);
    let Some(side) = sides.and_then(|sides| sides.pay) else {
        return;
    };
    let Some((wants, offers)) = pair.ends(side) else {
        return;
    };
    let mut line = Line {
        met: adjusted(part),
        how: "amount",
        ..Line::of(side, spans(wants), spans(offers))
    };
    let (wanted, offered) = (yearly(wants), yearly(offers));
    let least = wanted
        .as_ref()
        .and_then(|pay| Some((pay.min.or(pay.max)?, pay.currency)));
    let most = offered
        .as_ref()
        .and_then(|pay| Some((pay.max.or(pay.min)?, pay.currency)));
    let a_year = |pay: (f64, Option<&str>)| format!("{} a year", shown(pay.0, pay.1));
    let bound = if side == Side::Both { "" } else { "at least " };
    line.want = least.map(|pay| format!("{bound}{}", a_year(pay)));
    line.have = most.map(|pay| {
        let bound = if side == Side::Both { "" } else { "up to " };
        format!("{bound}{}", a_year(pay))
    });
    // The source's is compared in the document's currency.
    let (own, other) = match side {
        Side::Row => (most, least),
        Side::Source | Side::Both => (least, most),
    };
    if let (Some((amount, Some(from))), Some((_, Some(into)))) = (own, other)
        && from != into
    {
        line.how = "conversion";
        match rates::convert(1.0, from, into) {
            Some(rate) => {
                line.note = Some(format!(
                    "{} is {} at {rate:.4} ({}, {})",
                    shown(amount, Some(from)),
                    shown(amount * rate, Some(into)),
                    rates::source(),
                    rates::date(),
                ));
                line.conversion = Some(Conversion {
                    amount,
                    currency: from.to_owned(),
                    into_amount: amount * rate,
                    into_currency: into.to_owned(),
                    rate,
                    date: rates::date().to_owned(),
                    source: rates::source().to_owned(),
                });
            }
            None => line.note = Some(format!("there is no rate between {from} and {into}")),
        }
    }
    lines.push(line);
}
