//! Radius: documents within some kilometres of a point. Owns its checks, the
//! distance of a row and what is shown of it; knows no cities, the index does.

use serde_json::{Value, json};
use tandem_index::bits::Bits;
use tandem_index::gazetteer::{self, distance_km};
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
                let city = gazetteer::find(name)
                    .ok_or_else(|| fault("/place", "no place of this name is known".into()))?;
                let parts = [Some(city.name), city.region, Some(city.country)];
                let label: Vec<&str> = parts.into_iter().flatten().collect();
                (Some(label.join(", ")), (city.lat, city.lon))
            }
        };
        Ok(Self {
            place,
            center,
            km: near.km,
            unknown: Unknown::from_request(near.include_unknown),
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
        let degrees = self.km / KM_A_DEGREE;
        let wide = self.degrees_wide(degrees);
        let columns = (
            &segment.columns[self.latitude],
            &segment.columns[self.latitude + 1],
        );
        Bits::from_fn(unknown.len(), |row| {
            let Some((lat, lon)) = columns.0.number(row).zip(columns.1.number(row)) else {
                return unknown.get(row);
            };
            let across = (lon - self.center.1).abs();
            (lat - self.center.0).abs() <= degrees
                && across.min(360.0 - across) <= wide
                && distance_km(self.center, (lat, lon)) <= self.km
        })
    }

    // How many degrees of longitude the circle spans to one side: all where it
    // holds a pole.
    fn degrees_wide(&self, degrees: f64) -> f64 {
        let widest = self.center.0.abs() + degrees;
        if widest >= 90.0 {
            return 180.0;
        }
        // At the latitude farthest from the equator a degree is the shortest.
        degrees / libm::cos(widest.to_radians())
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
