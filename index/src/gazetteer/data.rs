//! The gazetteer's table in memory. Owns the format of gazetteer.tsv.zst:
//!
//! - `C`, country code, name, folded names between `|`
//! - `R`, country code, name, folded names between `|`
//! - `P`, name, country code, number of its `R` line or nothing, latitude,
//!   longitude, population; by falling population
//! - `N`, folded name, numbers of `P` lines, one that is only another name of
//!   the city with `-` before it; sorted
//!
//! A line it cannot read is left out; a test holds that there is none.

use std::collections::HashMap;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use super::{City, Region};
use crate::hash::KeyFilter;

static PACKED: &[u8] = include_bytes!("../../data/gazetteer/gazetteer.tsv.zst");

/// What the unpacked table may take; a broken file must not take more.
const UNPACKED_BYTES_MAX: usize = 8 << 20;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let bytes = zstd::bulk::decompress(PACKED, UNPACKED_BYTES_MAX)
        .expect("the built-in gazetteer is packed whole; a test reads it");
    let text = String::from_utf8(bytes).expect("build.py writes UTF-8");
    // Read once a process and kept as long as it runs.
    Table::read(Box::leak(text.into_boxed_str()))
});

pub(super) struct Table {
    pub(super) cities: Vec<City>,
    regions: Vec<Region>,
    // Sum of its cities' populations, for the choice between two of a name.
    region_population: Vec<u64>,
    countries: HashMap<&'static str, &'static str>,
    country_names: HashMap<&'static str, &'static str>,
    region_names: HashMap<&'static str, Vec<u16>>,
    names: Names,
    // All names there are: most words of a text are none.
    known: KeyFilter,
    pub(super) lines_lost: usize,
}

impl Table {
    fn read(text: &'static str) -> Self {
        let mut table = Self {
            cities: Vec::new(),
            regions: Vec::new(),
            region_population: Vec::new(),
            countries: HashMap::new(),
            country_names: HashMap::new(),
            region_names: HashMap::new(),
            names: Names::new(text),
            known: KeyFilter::default(),
            lines_lost: 0,
        };
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let at = from;
            from += line.len();
            let line = line.trim_end_matches('\n');
            if !line.starts_with('#') && table.line(line, at).is_none() {
                table.lines_lost += 1;
            }
        }
        table.cities.shrink_to_fit();
        table.names.finish();
        let wide = table.countries.keys().chain(table.region_names.keys());
        let cities = (0..table.names.lines.len()).filter_map(|line| table.names.entry(line));
        let keys = wide.copied().chain(cities.map(|(key, _)| key));
        let keys: Vec<u64> = keys.map(|key| xxh3_64(key.as_bytes())).collect();
        table.known = KeyFilter::of(keys.into_iter());
        table
    }

    fn line(&mut self, line: &'static str, at: usize) -> Option<()> {
        let (sort, rest) = line.split_once('\t')?;
        if sort == "N" {
            rest.split_once('\t')?;
            self.names.lines.push((at + 2) as u32);
            return Some(());
        }
        let mut parts = rest.split('\t');
        let mut next = || parts.next();
        match sort {
            "C" => {
                let (code, name, keys) = (next()?, next()?, next()?);
                self.country_names.insert(code, name);
                for key in keys.split('|') {
                    self.countries.insert(key, code);
                }
            }
            "R" => {
                let (country, name, keys) = (next()?, next()?, next()?);
                let number = u16::try_from(self.regions.len()).ok()?;
                for key in keys.split('|') {
                    self.region_names.entry(key).or_default().push(number);
                }
                self.regions.push(Region { name, country });
                self.region_population.push(0);
            }
            "P" => {
                let (name, country, region) = (next()?, next()?, next()?);
                let (lat, lon) = (next()?.parse().ok()?, next()?.parse().ok()?);
                let population: u32 = next()?.parse().ok()?;
                let region = match region {
                    "" => None,
                    number => {
                        let number: usize = number.parse().ok()?;
                        *self.region_population.get_mut(number)? += u64::from(population);
                        Some(self.regions[number].name)
                    }
                };
                self.cities.push(City {
                    name,
                    region,
                    country,
                    lat,
                    lon,
                    population,
                });
            }
            _ => return None,
        }
        Some(())
    }

    /// The code of a country's folded name or code.
    pub(super) fn country(&self, key: &str) -> Option<&'static str> {
        self.countries.get(key).copied()
    }

    /// The name of a country's code.
    pub(super) fn country_name(&self, code: &str) -> Option<&'static str> {
        self.country_names.get(code).copied()
    }

    /// The regions of a folded name, the one with most people first.
    pub(super) fn regions(&self, key: &str) -> Vec<Region> {
        let Some(numbers) = self.region_names.get(key) else {
            return Vec::new();
        };
        let mut numbers = numbers.clone();
        numbers.sort_by_key(|number| {
            let population = self.region_population[usize::from(*number)];
            (std::cmp::Reverse(population), *number)
        });
        numbers
            .into_iter()
            .map(|number| self.regions[usize::from(number)])
            .collect()
    }

    /// Whether a folded name or code is one of a region.
    pub(super) fn is_region(&self, key: &str) -> bool {
        self.region_names.contains_key(key)
    }

    /// Whether a folded name is one of a city, region or country.
    pub(super) fn is_name(&self, key: &str) -> bool {
        self.known.may_have(xxh3_64(key.as_bytes()))
            && (self.countries.contains_key(key)
                || self.region_names.contains_key(key)
                || self.names.find(key).is_some())
    }

    /// The cities of a folded name by falling population, and whether it is
    /// their first name, not only another one.
    pub(super) fn named(&self, key: &str) -> impl Iterator<Item = (City, bool)> {
        let numbers = self.names.find(key).unwrap_or_default();
        numbers.split(' ').filter_map(|number| {
            let main = !number.starts_with('-');
            let number: usize = number.trim_start_matches('-').parse().ok()?;
            let city = *self.cities.get(number)?;
            Some((city, main))
        })
    }

    /// Every city.
    pub(super) fn cities(&self) -> &[City] {
        &self.cities
    }

    /// The folded names of cities, sorted.
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.names
            .lines
            .iter()
            .filter_map(|at| self.names.text.get(*at as usize..)?.split('\t').next())
    }
}

// A hash table of line numbers over the text itself: 1.5 MB for 125,000 names,
// where a HashMap of &str takes 8.
struct Names {
    text: &'static str,
    lines: Vec<u32>,
    // Line + 1 by hash, 0 for none; a power of two.
    slots: Vec<u32>,
}

impl Names {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            lines: Vec::new(),
            slots: Vec::new(),
        }
    }

    fn finish(&mut self) {
        self.lines.shrink_to_fit();
        let size = (self.lines.len() * 3 / 2).next_power_of_two().max(2);
        let mut slots = vec![0; size];
        for line in 0..self.lines.len() {
            let Some((key, _)) = self.entry(line) else {
                continue;
            };
            let mut at = xxh3_64(key.as_bytes()) as usize & (size - 1);
            while slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = line as u32 + 1;
        }
        self.slots = slots;
    }

    // A line's folded name and its numbers.
    fn entry(&self, line: usize) -> Option<(&'static str, &'static str)> {
        let rest = self.text.get(*self.lines.get(line)? as usize..)?;
        let (line, _) = rest.split_once('\n')?;
        line.split_once('\t')
    }

    fn find(&self, key: &str) -> Option<&'static str> {
        let mask = self.slots.len() - 1;
        let mut at = xxh3_64(key.as_bytes()) as usize & mask;
        while self.slots[at] != 0 {
            let (name, numbers) = self.entry(self.slots[at] as usize - 1)?;
            if name == key {
                return Some(numbers);
            }
            at = (at + 1) & mask;
        }
        None
    }
}
