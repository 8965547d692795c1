//! Radius: documents within some kilometres of a point. Owns its checks, the
//! distance of a row and what is shown of it; knows no cities, the index does.

use serde_json::{Value, json};
use tandem_index::bits::Bits;
use tandem_index::gazetteer::{self, City, distance_km};
use tandem_index::kinds::Kind;
use tandem_index::segment::Segment;

use crate::answer::Fault;
use crate::filter::Unknown;
use crate::request::{Center, Near};

/// Half the circumference of the earth: no two points are farther apart.
pub const KM_MAX: f64 = 20_038.0;
/// Kilometres of a degree of latitude, a little less than it is, so that the
/// box around a radius is never too small.
const KM_A_DEGREE: f64 = 111.0;
/// Other cities of a name that a warning names.
const NAMESAKES_SHOWN: usize = 4;

/// A checked radius.
#[derive(Clone, Debug)]
pub struct Radius {
    /// The place's name, where the middle was given as one.
    pub place: Option<String>,
    /// Latitude and longitude of the middle.
    pub center: (f64, f64),
    /// Kilometres.
    pub km: f64,
    /// What happens to documents without coordinates.
    pub unknown: Unknown,
    /// A column and a country: documents without coordinates that say another
    /// one are not here.
    pub country: Option<(usize, &'static str)>,
    // The column of latitudes; longitudes follow it.
    latitude: usize,
}

impl Radius {
    /// Checks a radius on a kind. The faults' pointers are of `/near`.
    pub fn compile(kind: &Kind, near: &Near) -> Result<Self, Fault> {
        let fault = |member: &str, detail: String| Fault {
            pointer: format!("/near{member}"),
            code: "invalid_request",
            detail,
            did_you_mean: None,
        };
        let latitude = kind
            .facts()
            .city
            .map(|city| city + 3)
            .ok_or_else(|| fault("", format!("{} have no field that is a place", kind.name)))?;
        if !(near.km > 0.0 && near.km <= KM_MAX) {
            return Err(fault("/km", format!("is more than 0, at most {KM_MAX}")));
        }
        let (place, center) = match &near.center {
            Center::Point(lat, lon) => {
                if !(-90.0..=90.0).contains(lat) {
                    return Err(fault("/lat", "expected degrees from -90 to 90".into()));
                }
                if !(-180.0..=180.0).contains(lon) {
                    return Err(fault("/lon", "expected degrees from -180 to 180".into()));
                }
                (None, (*lat, *lon))
            }
            Center::Place(name) => {
                let city = gazetteer::find(name).ok_or_else(|| Fault {
                    did_you_mean: gazetteer::alike(name),
                    ..fault("/place", "no place of this name is known".into())
                })?;
                (Some(label(&city)), (city.lat, city.lon))
            }
        };
        Ok(Self {
            place,
            center,
            km: near.km,
            unknown: Unknown::from_request(near.include_unknown),
            country: None,
            latitude,
        })
    }

    /// Kilometres of a row from the middle, if it has coordinates.
    pub fn distance_km(&self, segment: &Segment, row: u32) -> Option<f64> {
        let lat = segment.columns[self.latitude].number(row)?;
        let lon = segment.columns[self.latitude + 1].number(row)?;
        Some(distance_km(self.center, (lat, lon)))
    }

    /// The rows of a segment that pass. Linear in its rows; the distance is
    /// taken only inside the box around the circle.
    pub fn rows(&self, segment: &Segment) -> Bits {
        let unknown = self.unknown.rows(segment);
        let (tall, wide) = self.degrees();
        let columns = (
            &segment.columns[self.latitude],
            &segment.columns[self.latitude + 1],
        );
        Bits::from_fn(unknown.len(), |row| {
            let Some(at) = columns.0.number(row).zip(columns.1.number(row)) else {
                return unknown.get(row) && self.may_be_in(segment, row);
            };
            let across = (at.1 - self.center.1).abs();
            (at.0 - self.center.0).abs() <= tall
                && across.min(360.0 - across) <= wide
                && distance_km(self.center, at) <= self.km
        })
    }

    // Whether a row names no country, or the one that is meant.
    fn may_be_in(&self, segment: &Segment, row: u32) -> bool {
        self.country.is_none_or(|(column, country)| {
            let Some(column) = segment.columns[column].keywords() else {
                return true;
            };
            let mut said = column.of(row).iter().map(|one| column.value(*one));
            column.of(row).is_empty() || said.any(|said| said == country)
        })
    }

    // The box around the circle: degrees of latitude and of longitude to one
    // side; all of them where it holds a pole.
    fn degrees(&self) -> (f64, f64) {
        let tall = self.km / KM_A_DEGREE;
        let farthest = self.center.0.abs() + tall;
        if farthest >= 90.0 {
            return (tall, 180.0);
        }
        // At the latitude farthest from the equator a degree is the shortest.
        (tall, tall / libm::cos(farthest.to_radians()))
    }

    /// The radius as `applied` shows it.
    pub fn shown(&self) -> Value {
        let mut out = json!({"lat": self.center.0, "lon": self.center.1, "km": self.km});
        out["unknown"] = self.unknown.shown();
        if let Some(place) = &self.place {
            out["place"] = json!(place);
        }
        out
    }
}

/// What to tell a caller whose place could as well be another of its name.
pub(crate) fn ambiguity(near: &Near) -> Option<String> {
    let Center::Place(name) = &near.center else {
        return None;
    };
    let others = gazetteer::namesakes(name);
    let taken = gazetteer::find(name).filter(|_| !others.is_empty())?;
    let mut also: Vec<String> = others.iter().take(NAMESAKES_SHOWN).map(label).collect();
    if let Some(more) = others.len().checked_sub(NAMESAKES_SHOWN + 1) {
        also.push(format!("{} more", more + 1));
    }
    Some(format!(
        "near: {name} is taken as {}; there are also {}: add the region or country to mean one of them",
        label(&taken),
        also.join("; ")
    ))
}

/// A city as answers name it: `Austin, TX, US`, and `Berlin, DE`, which is in a
/// region of its own name.
pub(crate) fn label(city: &City) -> String {
    let region = city.region.filter(|region| *region != city.name);
    let parts = [Some(city.name), region, Some(city.country)];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_box_holds_the_circle(
            lat in -90.0..=90.0, lon in -180.0..=180.0, exponent in -3.0..4.3_f64,
            bearing in 0.0..360.0_f64, share in 0.0..=1.0,
        ) {
            let km = libm::pow(10.0, exponent);
            let radius = Radius {
                place: None,
                center: (lat, lon),
                km,
                unknown: Unknown::Exclude,
                country: None,
                latitude: 0,
            };
            // A point at most that far away in some direction.
            let (far, turn) = (km * share / 6_371.0, bearing.to_radians());
            let (sin, cos) = (libm::sin(lat.to_radians()), libm::cos(lat.to_radians()));
            let there = sin * libm::cos(far) + cos * libm::sin(far) * libm::cos(turn);
            let across = libm::atan2(
                libm::sin(turn) * libm::sin(far) * cos,
                libm::cos(far) - sin * there,
            );
            let at = libm::asin(there.clamp(-1.0, 1.0)).to_degrees();
            let (tall, wide) = radius.degrees();
            prop_assert!((at - lat).abs() <= tall + 1e-9);
            prop_assert!(across.to_degrees().abs() <= wide + 1e-9);
        }
    }
}
