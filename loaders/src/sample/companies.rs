//! Invented companies. Any likeness to real ones is chance: names are put together from parts.

use super::data::City;
use super::rng::Rng;

/// The stream of company names: they don't depend on the seed, so that a company is the same in every sample.
const COMPANY_STREAM: u64 = 0xC0;

/// Firms that hire for others, in every industry.
const STAFFING: &str = "Staffing";

const STARTS: [&str; 48] = [
    "Ar", "Bel", "Cal", "Dor", "El", "Fen", "Gal", "Hel", "Is", "Jor", "Kel", "Lum", "Mar", "Nor",
    "Or", "Pel", "Quin", "Ros", "Sel", "Tal", "Ul", "Ver", "Wel", "Yar", "Zen", "Bran", "Cor",
    "Del", "Est", "Fal", "Gran", "Hav", "Iv", "Kor", "Lar", "Mon", "Nav", "Ost", "Pra", "Rav",
    "Sten", "Tor", "Var", "Wil", "Alt", "Bri", "Cres", "Dun",
];
const MIDDLES: [&str; 20] = [
    "a", "e", "i", "o", "an", "en", "el", "or", "ia", "ova", "era", "ita", "ona", "uva", "ida",
    "ema", "ari", "oli", "ento", "imo",
];
const ENDS: [&str; 24] = [
    "dyne", "vex", "lis", "mont", "dale", "via", "nex", "ris", "tis", "wick", "ton", "ford",
    "mark", "field", "brook", "gate", "ra", "line", "core", "stead", "haven", "bridge", "path",
    "well",
];
const COLOURS: [&str; 24] = [
    "Blue",
    "Silver",
    "Green",
    "Golden",
    "Red",
    "Bright",
    "Clear",
    "North",
    "Summit",
    "Cedar",
    "Harbor",
    "Granite",
    "Copper",
    "Amber",
    "Stone",
    "Willow",
    "Prairie",
    "River",
    "Valley",
    "Lakeside",
    "Pioneer",
    "Evergreen",
    "Beacon",
    "Crescent",
];
const THINGS: [&str; 24] = [
    "Heron", "Birch", "Ridge", "Falcon", "Meadow", "Lantern", "Compass", "Anchor", "Orchard",
    "Fox", "Sparrow", "Pine", "Arrow", "Oak", "Kite", "Otter", "Spring", "Peak", "Bay", "Field",
    "Crane", "Maple", "Creek", "Star",
];
const SURNAMES: [&str; 40] = [
    "Ashdown",
    "Barrow",
    "Calloway",
    "Denholm",
    "Ellsworth",
    "Farrow",
    "Garrity",
    "Hollis",
    "Ingram",
    "Jessop",
    "Kendrick",
    "Lathrop",
    "Merriam",
    "Norcross",
    "Oakes",
    "Pemberton",
    "Quimby",
    "Radcliff",
    "Selwyn",
    "Thackeray",
    "Underhill",
    "Vance",
    "Whitlock",
    "Yardley",
    "Brandt",
    "Lindner",
    "Hoffrichter",
    "Moreau",
    "Delacroix",
    "Fontaine",
    "Okafor",
    "Castellan",
    "Rivas",
    "Varga",
    "Nilsson",
    "Dekker",
    "Rao",
    "Mehra",
    "Kowal",
    "Zimmer",
];

/// What companies of an industry call themselves; the first line is for industries not listed.
const TRADES: [(&str, &[&str]); 41] = [
    (
        STAFFING,
        &["Staffing", "Recruitment", "Personnel", "Talent"],
    ),
    (
        "",
        &["Group", "Partners", "Services", "Consulting", "Solutions"],
    ),
    (
        "Technology",
        &[
            "Software",
            "Labs",
            "Systems",
            "Cloud",
            "Digital",
            "Data",
            "Technologies",
            "Robotics",
        ],
    ),
    (
        "Finance",
        &[
            "Capital",
            "Bank",
            "Financial",
            "Credit Union",
            "Payments",
            "Asset Management",
        ],
    ),
    (
        "Insurance",
        &["Insurance", "Assurance", "Mutual", "Risk Partners"],
    ),
    (
        "Healthcare",
        &[
            "Health",
            "Medical Center",
            "Clinic",
            "Care Group",
            "Hospital",
            "Home Care",
            "Therapy",
        ],
    ),
    (
        "Pharmaceuticals",
        &["Pharma", "Biosciences", "Therapeutics", "Life Sciences"],
    ),
    (
        "Retail",
        &[
            "Stores",
            "Market",
            "Outfitters",
            "Home",
            "Trading",
            "Supply",
            "Grocers",
        ],
    ),
    (
        "Wholesale",
        &[
            "Stores",
            "Market",
            "Outfitters",
            "Home",
            "Trading",
            "Supply",
            "Grocers",
        ],
    ),
    (
        "Manufacturing",
        &[
            "Industries",
            "Manufacturing",
            "Components",
            "Works",
            "Tools",
            "Plastics",
            "Metals",
        ],
    ),
    (
        "Automotive",
        &["Motors", "Automotive", "Auto Parts", "Mobility"],
    ),
    ("Aerospace", &["Aerospace", "Aviation", "Flight Systems"]),
    (
        "Energy",
        &["Energy", "Power", "Solar", "Utilities", "Renewables"],
    ),
    (
        "Construction",
        &["Construction", "Builders", "Contracting", "Infrastructure"],
    ),
    ("Real estate", &["Properties", "Realty", "Homes"]),
    (
        "Logistics",
        &["Logistics", "Freight", "Transport", "Shipping", "Delivery"],
    ),
    (
        "Hospitality",
        &["Hotels", "Resorts", "Hospitality", "Leisure", "Spa"],
    ),
    (
        "Leisure",
        &["Hotels", "Resorts", "Hospitality", "Leisure", "Spa"],
    ),
    (
        "Restaurants",
        &["Kitchen", "Diner", "Bistro", "Grill", "Café"],
    ),
    (
        "Food production",
        &["Foods", "Bakery", "Dairy", "Provisions"],
    ),
    ("Education", &["Academy", "Schools", "College", "Learning"]),
    (
        "Public sector",
        &[
            "County Services",
            "City Council",
            "Public Works",
            "Regional Authority",
        ],
    ),
    (
        "Social services",
        &[
            "Foundation",
            "Community Services",
            "Family Services",
            "Outreach",
        ],
    ),
    (
        "Non-profit",
        &[
            "Foundation",
            "Community Services",
            "Family Services",
            "Outreach",
        ],
    ),
    ("Media", &["Media", "Studios", "Press", "Pictures"]),
    ("Entertainment", &["Media", "Studios", "Press", "Pictures"]),
    ("Marketing", &["Creative", "Agency", "Brand Studio"]),
    ("Legal services", &["Law", "Legal", "& Associates"]),
    ("Telecommunications", &["Telecom", "Networks", "Broadband"]),
    (
        "Security services",
        &["Security", "Protection Services", "Guarding"],
    ),
    (
        "Facilities",
        &["Facility Services", "Building Services", "Grounds"],
    ),
    ("Agriculture", &["Farms", "Growers", "Timber", "Orchards"]),
    ("Forestry", &["Farms", "Growers", "Timber", "Orchards"]),
    ("Textiles", &["Textiles", "Fabrics", "Apparel"]),
    ("Furniture", &["Furniture", "Interiors", "Woodcraft"]),
    ("Aviation", &["Airways", "Aviation", "Air"]),
    ("Funeral services", &["Funeral Home", "Memorial"]),
    ("Research", &["Research Institute", "Laboratories"]),
    ("Mining", &["Mining", "Minerals", "Quarries"]),
    ("Printing", &["Print", "Press", "Graphics"]),
    ("Higher education", &["College", "Institute"]),
];

fn trade_words(industry: &str) -> &'static [&'static str] {
    TRADES
        .iter()
        .find(|(name, _)| *name == industry)
        .unwrap_or(&TRADES[1])
        .1
}

fn legal_form(country: &str) -> &'static [&'static str] {
    match country {
        "DE" | "AT" => &["GmbH", "GmbH", "AG", "SE", "GmbH & Co. KG"],
        "CH" => &["AG", "AG", "GmbH", "SA"],
        "FR" => &["SAS", "SA", "SARL"],
        "NL" | "BE" => &["B.V.", "N.V."],
        "SE" => &["AB"],
        "GB" | "IE" => &["Ltd", "Limited", "PLC"],
        "IN" => &["Pvt. Ltd.", "Limited"],
        "ES" => &["S.L.", "S.A."],
        "IT" => &["S.p.A.", "S.r.l."],
        "PL" => &["Sp. z o.o."],
        "PT" => &["Lda."],
        "AU" | "SG" => &["Pty Ltd", "Pte. Ltd."],
        _ => &["Inc.", "LLC", "Corp.", "Co."],
    }
}

/// A number of the words.
fn key(words: [&str; 3]) -> u64 {
    words
        .iter()
        .flat_map(|word| word.bytes())
        .fold(0_u64, |sum, byte| {
            sum.wrapping_mul(131).wrapping_add(u64::from(byte))
        })
}

/// A company of the industry, as documents of the city name it: one that hires for others, one known all over the
/// country, or one of the city's own. Of each the first have many documents and most have few; the larger the city,
/// the more companies it has.
pub(super) fn company(rng: &mut Rng, industry: &str, country: &str, city: &City) -> String {
    let known_bits = if country == "US" { 9 } else { 6 };
    let (industry, city, rank) = match rng.below(100) {
        0..5 => (STAFFING, "", rng.zipf(6)),
        // The lesser of two ranks: big employers are far ahead.
        5..52 => (industry, "", rng.zipf(known_bits).min(rng.zipf(known_bits))),
        _ => {
            let bits = (32 - city.thousands.leading_zeros()).saturating_sub(3);
            (industry, city.name, rng.zipf(bits.max(1)))
        }
    };
    let own = Rng::new(key([industry, country, city]), COMPANY_STREAM, rank);
    name(own, industry, country)
}

/// The name of the company with the stream.
fn name(mut own: Rng, industry: &str, country: &str) -> String {
    let trade = own.say(trade_words(industry));
    // Companies on the continent seldom have an English word in their name.
    let plain = matches!(
        country,
        "DE" | "AT" | "CH" | "FR" | "ES" | "IT" | "PL" | "SE" | "NL"
    ) && own.chance(65);
    let pair = |own: &mut Rng| {
        let first = own.below(SURNAMES.len());
        let step = own.between(1, SURNAMES.len() - 1);
        (SURNAMES[first], SURNAMES[(first + step) % SURNAMES.len()])
    };
    let mut name = match own.below(8) {
        0 | 1 if plain => {
            let (first, second) = pair(&mut own);
            format!("{first} & {second}")
        }
        _ if plain => format!(
            "{}{}{}",
            own.say(&STARTS),
            own.say(&MIDDLES),
            own.say(&ENDS)
        ),
        0 | 1 => {
            let (first, second) = pair(&mut own);
            match trade {
                "& Associates" => format!("{first} {second} & Associates"),
                _ if own.chance(50) => format!("{first} & {second}"),
                _ => format!("{first} {trade}"),
            }
        }
        2..5 => format!("{} {} {trade}", own.say(&COLOURS), own.say(&THINGS)),
        5 => format!(
            "{}{}{} {trade}",
            own.say(&STARTS),
            own.say(&MIDDLES),
            own.say(&ENDS)
        ),
        _ => format!("{}{} {trade}", own.say(&STARTS), own.say(&ENDS)),
    };
    let public = matches!(
        industry,
        "Public sector" | "Education" | "Non-profit" | "Social services"
    );
    if plain || !public && own.chance(if country == "US" { 30 } else { 55 }) {
        name.push(' ');
        name.push_str(own.say(legal_form(country)));
    }
    name
}
