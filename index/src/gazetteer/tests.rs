//! The gazetteer against places as people write them.

use super::*;

#[test]
fn distances_are_those_of_the_globe() {
    let (berlin, paris) = ((52.52, 13.405), (48.8566, 2.3522));
    assert!((distance_km(berlin, paris) - 878.0).abs() < 2.0);
    assert!(distance_km(berlin, berlin) < 1e-6);
}

#[test]
fn the_built_in_table_is_read_whole() {
    assert_eq!(TABLE.lines_lost, 0);
    assert_eq!(TABLE.cities.len(), 33_957);
    assert!(
        TABLE
            .cities
            .is_sorted_by_key(|city| std::cmp::Reverse(city.population))
    );
    for key in TABLE.keys() {
        assert_eq!(fold(key), key);
        assert!(TABLE.named(key).count() > 0, "{key}");
    }
    for city in &TABLE.cities {
        assert!(named(city.name).contains(city), "{}", city.name);
        assert!(country_name(city.country).is_some(), "{}", city.country);
        assert!((-90.0..=90.0).contains(&city.lat) && (-180.0..=180.0).contains(&city.lon));
    }
}

fn shown(text: &str) -> String {
    let found = resolve(text, &Given::default());
    let city = found.city.map(|city| city.name.to_owned());
    [
        city,
        found.town.map(|town| format!("?{town}")),
        found.region,
        found.country.map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" | ")
}

// (text, city or ?town | region | country)
const READ: &[(&str, &str)] = &[
    ("Berlin", "Berlin | Berlin | DE"),
    ("Berlin, Germany", "Berlin | Berlin | DE"),
    ("München", "Munich | Bavaria | DE"),
    ("MUENCHEN", "Munich | Bavaria | DE"),
    ("Munich, DE", "Munich | Bavaria | DE"),
    ("Dover, DE", "Dover | DE | US"),
    ("Kleindorf, DE", "?Kleindorf | DE"),
    ("NYC", "New York City | NY | US"),
    ("New York", "New York City | NY | US"),
    ("New York, NY", "New York City | NY | US"),
    ("New York City, NY", "New York City | NY | US"),
    ("New York, NY (HQ)", "New York City | NY | US"),
    (
        "New York, NY 10179 (Midtown area)",
        "New York City | NY | US",
    ),
    (
        "New York, New York, United States",
        "New York City | NY | US",
    ),
    ("New York HQ", "New York City | NY | US"),
    ("San Francisco Bay Area", "San Francisco | CA | US"),
    (
        "San Francisco Bay Area or Remote",
        "San Francisco | CA | US",
    ),
    ("San Francisco, CA - US", "San Francisco | CA | US"),
    ("San Francisco Office", "San Francisco | CA | US"),
    ("Greater London", "London | England | GB"),
    ("London, England, United Kingdom", "London | England | GB"),
    ("London UK", "London | England | GB"),
    ("London, ON", "London | Ontario | CA"),
    ("London, New York", "London | England | GB"),
    ("Paris (75)", "Paris | Île-de-France | FR"),
    (
        "75 - Paris 13e Arrondissement",
        "Paris | Île-de-France | FR",
    ),
    ("31 - TOULOUSE", "Toulouse | Occitania | FR"),
    ("16 - VALENCE", "Valence | Auvergne-Rhône-Alpes | FR"),
    ("13 - ST REMY DE PROVENCE", "?ST REMY DE PROVENCE | FR"),
    ("Paris, Texas", "Paris | TX | US"),
    ("Paris, France", "Paris | Île-de-France | FR"),
    ("Remote - Berlin", "Berlin | Berlin | DE"),
    ("Hybrid - Bengaluru, India", "Bengaluru | Karnataka | IN"),
    ("Remote-Kuala Lumpur", "Kuala Lumpur | Kuala Lumpur | MY"),
    ("China-Beijing", "Beijing | Beijing | CN"),
    ("USA - Lehi UT", "Lehi | UT | US"),
    ("US, CA, San Francisco", "San Francisco | CA | US"),
    ("Springfield, IL", "Springfield | IL | US"),
    ("Tel Aviv, IL", "Tel Aviv | Tel Aviv | IL"),
    ("Cambridge, MA", "Cambridge | MA | US"),
    ("Cambridge, UK", "Cambridge | England | GB"),
    ("Cambridge", "Cambridge | England | GB"),
    ("Toronto, Ontario", "Toronto | Ontario | CA"),
    ("Toronto, CA", "Toronto | Ontario | CA"),
    ("Ontario, CA", "Ontario | CA | US"),
    ("Ontario", "Ontario | CA"),
    ("Ontario, Canada", "Ontario | CA"),
    ("Vancouver, BC", "Vancouver | British Columbia | CA"),
    ("Vancouver, WA", "Vancouver | WA | US"),
    ("Perth, WA", "Perth | Western Australia | AU"),
    ("Georgia", "GE"),
    ("Tbilisi, Georgia", "Tbilisi | Tbilisi | GE"),
    ("Atlanta, Georgia", "Atlanta | GA | US"),
    ("Atlanta, GA 30329", "Atlanta | GA | US"),
    ("Atlanta, IN 46031", "?Atlanta | IN | US"),
    ("Lebanon, NH", "?Lebanon | NH | US"),
    ("Bangalore, IN", "Bengaluru | Karnataka | IN"),
    ("Delhi, IN", "Delhi | Delhi | IN"),
    ("Salem, IN", "?Salem | IN | US"),
    ("Salem, India", "Salem | Tamil Nadu | IN"),
    ("Indianapolis, IN", "Indianapolis | IN | US"),
    ("Vancouver, CA", "Vancouver | British Columbia | CA"),
    ("Berlin, DE", "Berlin | Berlin | DE"),
    ("Panama City, PA", "Panama City | Panama | PA"),
    ("Washington, DC", "Washington | DC | US"),
    (
        "Washington, District of Columbia, United States",
        "Washington | DC | US",
    ),
    ("Washington, DC/New York, NY", "Washington | DC | US"),
    ("Berlin / Munich or remote", "Berlin | Berlin | DE"),
    ("12345 Berlin", "Berlin | Berlin | DE"),
    ("1016 AB Amsterdam", "Amsterdam | North Holland | NL"),
    ("Schillerkiez, Berlin, Germany", "Berlin | Berlin | DE"),
    ("Germany, Berlin", "Berlin | Berlin | DE"),
    ("Berlin, France", "?Berlin | FR"),
    ("Valencia (Spain)", "Valencia | Valencia | ES"),
    ("Bavaria", "Bavaria | DE"),
    ("Bayern, Deutschland", "Bavaria | DE"),
    ("Île-de-France", "Île-de-France | FR"),
    ("Texas", "TX | US"),
    ("California, United States", "CA | US"),
    ("Delaware, United States", "DE | US"),
    ("England", "England | GB"),
    ("Singapore", "Singapore | SG"),
    ("UK", "GB"),
    ("Sverige", "SE"),
    ("Vereinigte Staaten", "US"),
    ("Remote", ""),
    ("Remote (Europe)", ""),
    ("Remote/US", "US"),
    ("US Remote", "US"),
    ("Remote U.S.", "US"),
    ("U.S. Hybrid/Remote", "US"),
    ("Anywhere (USA)", "US"),
    ("Remote - United States", "US"),
    ("Remote, Texas", "TX | US"),
    ("Remote (Canada, UK, EU)", "CA"),
    ("United States & Canada", "US"),
    ("Bosnia and Herzegovina", "BA"),
    ("LatAm", ""),
    ("N/A", ""),
    ("NA", ""),
    ("", ""),
    ("Robertsfors", "?Robertsfors"),
    ("Kleindorf / Germany", "?Kleindorf | DE"),
    ("Gegharkunik Marz, Armenia", "Gegharkunik | AM"),
    ("Москва", "Moscow | Moscow | RU"),
    ("東京", "Tokyo | Tokyo | JP"),
    ("St. Louis, MO", "St. Louis | MO | US"),
    ("Saint Louis, Missouri", "St. Louis | MO | US"),
    (
        "13 - MARSEILLE 07",
        "Marseille | Provence-Alpes-Côte d'Azur | FR",
    ),
    (
        "59 - VILLENEUVE D ASCQ",
        "Villeneuve-d'Ascq | Hauts-de-France | FR",
    ),
    ("10 - ST MARTIN DE BOSSENAY", "?ST MARTIN DE BOSSENAY | FR"),
    ("North America - Remote", ""),
    ("Taguig City, Philippines", "Taguig | Metro Manila | PH"),
    ("Grove City, Ohio", "Grove City | OH | US"),
    (
        "Montgomery County, Maryland, United States",
        "?Montgomery County | MD | US",
    ),
    ("Luxembourg, Luxembourg", "Luxembourg | Luxembourg | LU"),
    ("Luxembourg", "Luxembourg | LU"),
    ("Weave - Headquarters (Lehi, UT)", "Lehi | UT | US"),
    ("Frankfurt (Oder)", "Frankfurt (Oder) | Brandenburg | DE"),
    ("Frankfurt", "Frankfurt am Main | Hesse | DE"),
];

#[test]
fn a_mistyped_name_is_that_of_a_large_city() {
    let cases = [
        ("Berln", Some("Berlin")),
        ("Belrin", Some("Berlin")),
        ("Muinch", Some("Munich")),
        ("Hambrug, Germany", Some("Hamburg, Germany")),
        ("San Fransisco", Some("San Francisco")),
        ("Zzyzxville", None),
        ("xq", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(alike(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_name_of_several_cities_has_the_others() {
    let states = |name: &str| -> Vec<Option<&str>> {
        namesakes(name).iter().map(|city| city.region).collect()
    };
    let others = states("Springfield");
    assert!(
        others.contains(&Some("MA")) && others.contains(&Some("IL")),
        "{others:?}"
    );
    assert!(
        !others.contains(&find("Springfield").unwrap().region),
        "{others:?}"
    );
    for name in [
        "Springfield, IL",
        "Berlin",
        "Paris",
        "London",
        "NYC",
        "Zzyzxville",
    ] {
        assert_eq!(namesakes(name), [], "{name}");
    }
}

#[test]
fn places_are_read_as_people_write_them() {
    let wrong: Vec<String> = READ
        .iter()
        .filter(|(text, expected)| shown(text) != *expected)
        .map(|(text, expected)| format!("{text}: {} instead of {expected}", shown(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_filters_are_those_documents_keep() {
    let cities = [
        ("NYC", "New York City"),
        ("münchen", "Munich"),
        ("Springfield", "Springfield"),
    ];
    for (written, kept) in cities {
        assert_eq!(city_name(written), Some(kept));
    }
    // What a facet shows finds what it counted.
    for city in &TABLE.cities {
        assert_eq!(city_name(city.name), Some(city.name));
        if let Some(region) = city.region {
            assert_eq!(region_name(region, None), Some(region), "{city:?}");
        }
    }
    assert_eq!(city_name("Kleindorf"), None);
    assert_eq!(region_name("Bayern", None), Some("Bavaria"));
    assert_eq!(region_name("texas", None), Some("TX"));
    assert_eq!(region_name("Georgia", Some("US")), Some("GA"));
}

#[test]
fn words_that_are_no_place_name_no_city() {
    for text in [
        "APAC",
        "asia",
        "of",
        "metro",
        "Downtown",
        "from",
        "hub",
        "Western",
        "Eastern",
        "Central",
        "Field",
        "Corporate",
        "Sales",
        "Global",
        "EMEA",
        "LATAM",
        "Nordics",
        "DACH",
        "MENA",
        "Remote, EST",
        "Hub / Metro",
        "Asia (remote)",
        "Sales - EMEA",
    ] {
        assert_eq!(shown(text), "", "{text}");
    }
    for (text, expected) in [
        ("Metro, Indonesia", "Metro | Lampung | ID"),
        ("Hub, Pakistan", "Hub | Balochistan | PK"),
        ("Central, LA", "Central | LA | US"),
        ("Central, US", "US"),
        ("Western, Ghana", "Western | GH"),
        ("Philippines, Asia", "PH"),
        ("Downtown, Berlin", "Berlin | Berlin | DE"),
        ("Sales, Berlin, Germany", "Berlin | Berlin | DE"),
        ("EMEA, UK", "GB"),
        ("Portland, OR", "Portland | OR | US"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
    let given = Given {
        country: Some("UG"),
        ..Given::default()
    };
    assert_eq!(
        resolve("Apac", &given).city.map(|city| city.name),
        Some("Apac")
    );
    assert!(is_no_place("HUB") && is_no_place("Asia") && !is_no_place("Berlin"));
    assert!(!is_no_place("OR"), "Oregon");
}
