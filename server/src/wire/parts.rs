//! Members that are objects of their own, as the engine wants them: where
//! `near` is, which facets are counted. Owns their checks.

use tandem_engine::{Center, FacetRequest};

use super::members::{CountedFacet, Facet, Near, Unknown};
use super::problem::Outcome;
use super::request::invalid;
use crate::limits::{FACET_VALUES_DEFAULT, FACET_VALUES_MAX, KM_MAX, NEAR_KM_DEFAULT};

pub(super) fn near(near: Near) -> Outcome<tandem_engine::Near> {
    let center = match (near.place, near.lat, near.lon) {
        (Some(place), None, None) if place.trim().is_empty() => {
            return Err(invalid("/near/place", "names no place"));
        }
        (Some(place), None, None) => Center::Place(place),
        (None, Some(lat), Some(lon)) => {
            if !(-90.0..=90.0).contains(&lat) {
                return Err(invalid("/near/lat", "from -90 to 90"));
            }
            if !(-180.0..=180.0).contains(&lon) {
                return Err(invalid("/near/lon", "from -180 to 180"));
            }
            Center::Point(lat, lon)
        }
        _ => {
            return Err(invalid("/near", "needs either place, or lat and lon"));
        }
    };
    let km = near.km.unwrap_or(NEAR_KM_DEFAULT);
    if !(km > 0.0 && km <= KM_MAX) {
        let detail = format!("more than 0, at most {KM_MAX}: half the way around the Earth");
        return Err(invalid("/near/km", &detail));
    }
    Ok(tandem_engine::Near {
        center,
        km,
        include_unknown: near.unknown == Some(Unknown::Include),
    })
}

pub(super) fn facets(facets: Vec<Facet>) -> Outcome<Vec<FacetRequest>> {
    let mut read = Vec::with_capacity(facets.len());
    for (place, facet) in facets.into_iter().enumerate() {
        let facet = match facet {
            Facet::Name(field) => FacetRequest::new(field, FACET_VALUES_DEFAULT),
            Facet::Counted(CountedFacet {
                limit: Some(_),
                ranges: Some(_),
                ..
            }) => {
                let pointer = format!("/facets/{place}/limit");
                return Err(invalid(&pointer, "all ranges are counted"));
            }
            Facet::Counted(facet) => FacetRequest {
                field: facet.field,
                limit: facet.limit.unwrap_or(FACET_VALUES_DEFAULT),
                search: facet.search,
                ranges: facet.ranges,
                currency: facet.currency,
            },
        };
        if facet.limit == 0 || facet.limit > FACET_VALUES_MAX {
            let pointer = format!("/facets/{place}/limit");
            return Err(invalid(&pointer, &format!("1 to {FACET_VALUES_MAX}")));
        }
        read.push(facet);
    }
    Ok(read)
}
