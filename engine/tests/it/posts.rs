//! Posts: documents with pay, places, days and lists, in a store that changes,
//! and what brute force reads of them.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_index::rates::convert;
use tandem_index::{Kinds, Store};

use crate::support::{Rng, TINY, delete, merge, prepared, put, store};

// Vectors of four numbers, so that nothing is in a match set for its similarity.
pub(crate) const POSTS: &str = r#"
[kinds.posts]
matches = "posts"
dimensions = 4
[kinds.posts.fields]
text = { type = "text", as = "text" }
colour = { type = "keyword" }
company = { type = "keyword" }
size = { type = "number" }
day = { type = "date", as = "posted" }
pay = { type = "pay", as = "pay", role = "offers" }
location = { type = "place", as = "place" }
"#;

pub(crate) const COLOURS: [&str; 6] = ["red", "Green", "green", "blue sky", "Blue", "blueish"];
pub(crate) const COMPANIES: [&str; 9] = [
    "Acme",
    "acme labs",
    "Borg",
    "Café",
    "Delta",
    "E",
    "F",
    "G",
    "H",
];
pub(crate) const WORDS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
pub(crate) const CURRENCIES: [&str; 5] = ["EUR", "USD", "GBP", "INR", "XQX"];
pub(crate) const PERIODS: [(&str, f64); 3] = [("year", 1.0), ("month", 12.0), ("hour", 2_080.0)];
// City, region, country, latitude, longitude. Names no gazetteer knows, so that
// coordinates are only those given.
pub(crate) const PLACES: [(&str, &str, &str, f64, f64); 9] = [
    ("Bexlin", "", "DE", 52.52, 13.405),
    ("Potzdamm", "Brandenborx", "DE", 52.39, 13.06),
    ("Munixen", "Bavarix", "DE", 48.137, 11.575),
    ("Nurexberg", "Bavarix", "DE", 49.45, 11.08),
    ("", "Bavarix", "DE", f64::NAN, f64::NAN),
    ("Auxtin", "TX", "US", 30.27, -97.74),
    ("Parix", "TX", "US", 33.66, -95.56),
    ("Suvaqa", "", "FJ", -18.14, 178.44),
    ("Apiaqa", "", "WS", -13.83, -171.76),
];

pub(crate) fn post(rng: &mut Rng, at: usize) -> Value {
    let mut post = json!({"id": format!("p{at:04}"), "text": *rng.pick(&WORDS), "language": "en"});
    if rng.chance(80) {
        let count = 1 + rng.below(2);
        post["colour"] = (0..count).map(|_| json!(*rng.pick(&COLOURS))).collect();
    }
    if rng.chance(85) {
        post["company"] = json!(*rng.pick(&COMPANIES));
    }
    if rng.chance(70) {
        post["size"] = json!(rng.below(40) as f64 / 4.0);
    }
    if rng.chance(70) {
        post["day"] = json!(format!("2026-01-{:02}", 1 + rng.below(28)));
    }
    if rng.chance(75) {
        post["pay"] = pay(rng);
    }
    if rng.chance(80) {
        let (city, region, country, lat, lon) = *rng.pick(&PLACES);
        let mut place = json!({"country": country});
        for (part, name) in [("city", city), ("region", region)] {
            if !name.is_empty() {
                place[part] = json!(name);
            }
        }
        if !lat.is_nan() && rng.chance(80) {
            place["lat"] = json!(lat + rng.below(100) as f64 / 300.0);
            place["lon"] = json!(lon + rng.below(100) as f64 / 300.0);
        }
        post["location"] = place;
    }
    post
}

pub(crate) fn pay(rng: &mut Rng) -> Value {
    let (period, factor) = *rng.pick(&PERIODS);
    let amount = |rng: &mut Rng| ((20 + rng.below(100)) as f64 * 1_000.0 / factor).round();
    let (a, b) = (amount(rng), amount(rng));
    let mut pay = json!({"period": period});
    if rng.chance(85) {
        pay["min"] = json!(a.min(b));
    }
    if rng.chance(85) || pay.get("min").is_none() {
        pay["max"] = json!(a.max(b));
    }
    if rng.chance(90) {
        pay["currency"] = json!(*rng.pick(&CURRENCIES));
    }
    pay
}

// The least and most a post pays a year in a currency, the plain way.
pub(crate) fn amounts(post: &Value, currency: &str) -> Option<(f64, f64)> {
    let pay = post.get("pay")?;
    let factor = PERIODS.iter().find(|(name, _)| pay["period"] == *name)?.1;
    let rate = match pay.get("currency").and_then(Value::as_str) {
        None => 1.0,
        Some(own) if own == currency => 1.0,
        Some(own) => convert(1.0, own, currency)?,
    };
    let amount = |name: &str| Some(pay.get(name)?.as_f64()? * factor * rate);
    let (min, max) = (amount("min"), amount("max"));
    Some((min.or(max)?, max.or(min)?))
}

pub(crate) fn texts(post: &Value, field: &str) -> Vec<String> {
    let at = post.pointer(&format!("/{}", field.replace('.', "/")));
    match at {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            let mut values: Vec<String> = list
                .iter()
                .map(|v| v.as_str().unwrap().to_owned())
                .collect();
            values.sort_unstable();
            values.dedup();
            values
        }
        _ => Vec::new(),
    }
}

pub(crate) fn coordinates(post: &Value) -> Option<(f64, f64)> {
    let place = post.get("location")?;
    place.get("lat")?.as_f64().zip(place.get("lon")?.as_f64())
}

pub(crate) struct World {
    pub(crate) posts: Vec<Value>,
    pub(crate) store: Store,
    kinds: Arc<Kinds>,
    next: usize,
}

impl World {
    pub(crate) fn new(rng: &mut Rng, count: usize) -> Self {
        let kinds = Arc::new(Kinds::parse(POSTS).unwrap());
        let posts: Vec<Value> = (0..count).map(|at| post(rng, at)).collect();
        let writes = posts
            .iter()
            .map(|post| put(&kinds, "posts", post))
            .collect();
        let mut store = store(&kinds, TINY, &prepared(&kinds, writes), 29);
        merge(&mut store);
        Self {
            posts,
            store,
            kinds,
            next: count,
        }
    }

    pub(crate) fn change(&mut self, rng: &mut Rng) {
        let gone = self.posts.swap_remove(rng.below(self.posts.len()));
        let new = post(rng, self.next);
        self.next += 1;
        let id = gone["id"].as_str().unwrap();
        let writes = vec![
            delete(&self.kinds, "posts", id),
            put(&self.kinds, "posts", &new),
        ];
        self.posts.push(new);
        self.store.apply(prepared(&self.kinds, writes), 0);
    }
}
