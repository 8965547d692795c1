//! Invented people: names, addresses and numbers of nobody.

use super::rng::Rng;

struct Origin {
    language: &'static str,
    first: &'static [&'static str],
    last: &'static [&'static str],
}

const ENGLISH: Origin = Origin {
    language: "en",
    first: &[
        "Grace", "Daniel", "Emily", "Marcus", "Hannah", "Tyler", "Olivia", "Jordan", "Rachel",
        "Andre", "Megan", "Caleb", "Naomi", "Trevor",
    ],
    last: &[
        "Whitfield",
        "Carver",
        "Hayes",
        "Brooks",
        "Sutton",
        "Pryor",
        "Merritt",
        "Langley",
        "Dawson",
        "Holt",
        "Booker",
        "Ramsey",
        "Ellery",
    ],
};

const ORIGINS: [Origin; 10] = [
    Origin {
        language: "es",
        first: &[
            "Lucía",
            "Mateo",
            "Valentina",
            "Diego",
            "Camila",
            "Andrés",
            "Elena",
            "Javier",
            "Marisol",
            "Tomás",
        ],
        last: &[
            "Ortega",
            "Salinas",
            "Figueroa",
            "Montoya",
            "Cárdenas",
            "Rosales",
            "Ibarra",
            "Quintero",
            "Lozano",
        ],
    },
    Origin {
        language: "de",
        first: &[
            "Anneliese",
            "Jonas",
            "Katharina",
            "Lukas",
            "Mareike",
            "Stefan",
            "Ulrike",
            "Florian",
            "Birgit",
            "Tobias",
        ],
        last: &[
            "Brandner",
            "Kessler",
            "Vogt",
            "Lindemann",
            "Reuter",
            "Hartwig",
            "Seidel",
            "Falk",
            "Wendt",
        ],
    },
    Origin {
        language: "fr",
        first: &[
            "Camille",
            "Étienne",
            "Margaux",
            "Julien",
            "Solène",
            "Bastien",
            "Aurélie",
            "Mathis",
            "Clémence",
        ],
        last: &[
            "Garnier", "Lefort", "Chauvin", "Renaud", "Blanchet", "Tessier", "Perrin", "Marchand",
        ],
    },
    Origin {
        language: "hi",
        first: &[
            "Priya",
            "Arjun",
            "Ananya",
            "Rohan",
            "Kavita",
            "Vikram",
            "Meera",
            "Siddharth",
            "Nisha",
            "Aditya",
        ],
        last: &[
            "Iyer", "Deshmukh", "Bhatt", "Chauhan", "Nair", "Kulkarni", "Saxena", "Menon",
        ],
    },
    Origin {
        language: "zh",
        first: &[
            "Wei", "Xinyi", "Jun", "Meiling", "Haoran", "Lan", "Yifan", "Qing", "Bo",
        ],
        last: &["Zhao", "Lin", "Xu", "Deng", "Tang", "Fang", "Gu", "Shen"],
    },
    Origin {
        language: "yo",
        first: &[
            "Adaeze", "Tunde", "Ngozi", "Emeka", "Folake", "Chidi", "Amara", "Kelechi", "Yetunde",
        ],
        last: &[
            "Adeyemi", "Eze", "Balogun", "Nwosu", "Okonjo", "Afolabi", "Obi",
        ],
    },
    Origin {
        language: "ar",
        first: &[
            "Layla", "Omar", "Nadia", "Karim", "Samira", "Tariq", "Yasmin", "Hassan", "Rania",
        ],
        last: &[
            "Haddad", "Mansour", "Khoury", "Saleh", "Farouk", "Nasser", "Aziz",
        ],
    },
    Origin {
        language: "pl",
        first: &[
            "Agnieszka",
            "Piotr",
            "Kasia",
            "Marek",
            "Ewa",
            "Tomasz",
            "Zofia",
            "Jakub",
        ],
        last: &[
            "Wrona", "Sobczak", "Mazurek", "Lis", "Baran", "Kozak", "Malecka",
        ],
    },
    Origin {
        language: "vi",
        first: &[
            "Linh", "Minh", "Thao", "Quang", "Huong", "Duc", "Mai", "Tuan",
        ],
        last: &["Pham", "Vo", "Dang", "Bui", "Ngo", "Truong"],
    },
    Origin {
        language: "nl",
        first: &[
            "Sanne", "Bram", "Femke", "Joost", "Lotte", "Ruben", "Maaike", "Thijs",
        ],
        last: &[
            "Verhoeven",
            "Kuiper",
            "Postma",
            "Smeets",
            "van Leeuwen",
            "Hoekstra",
        ],
    },
];

/// The language most people of the country speak at work.
pub(super) fn home_language(country: &str) -> &'static str {
    match country {
        "DE" | "AT" | "CH" => "de",
        "FR" | "BE" => "fr",
        "NL" => "nl",
        "SE" => "sv",
        "ES" => "es",
        "PL" => "pl",
        "IT" => "it",
        "PT" => "pt",
        _ => "en",
    }
}

/// A person who does not exist.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    /// BCP 47, the country's own language first.
    pub(super) languages: Vec<&'static str>,
}

/// A person living in the country. Addresses and numbers are in ranges nobody can own.
pub(super) fn person(rng: &mut Rng, country: &str) -> Person {
    let home = home_language(country);
    let native = ORIGINS
        .iter()
        .find(|origin| origin.language == home || (country == "IN" && origin.language == "hi"));
    let origin = if rng.chance(62) {
        native.unwrap_or(&ENGLISH)
    } else {
        rng.pick(&ORIGINS)
    };
    let (first, last) = (rng.say(origin.first), rng.say(origin.last));
    let mut languages = vec![home];
    for language in ["en", origin.language] {
        if !languages.contains(&language) && rng.chance(80) {
            languages.push(language);
        }
    }
    let email = format!(
        "{}.{}{}@example.{}",
        plain(first),
        plain(last),
        rng.below(900) + 10,
        rng.say(&["com", "org", "net"])
    );
    let phone = match country {
        "US" | "CA" => Some(format!(
            "+1 {} 555 01{:02}",
            rng.pick(&[202, 303, 404, 512, 617, 713, 808]),
            rng.below(100)
        )),
        "GB" => Some(format!("+44 7700 900{:03}", rng.below(1_000))),
        "FR" => Some(format!(
            "+33 1 99 00 {:02} {:02}",
            rng.below(100),
            rng.below(100)
        )),
        "DE" => Some(format!("+49 171 39200{:02}", rng.below(100))),
        "AU" => Some(format!("+61 491 570 {:03}", rng.between(156, 159))),
        _ => None,
    };
    Person {
        name: format!("{first} {last}"),
        email,
        phone,
        languages,
    }
}

fn plain(name: &str) -> String {
    let fold = |letter: char| match letter {
        'á' => 'a',
        'é' | 'É' | 'è' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' => 'u',
        other => other.to_ascii_lowercase(),
    };
    name.chars()
        .map(fold)
        .filter(char::is_ascii_lowercase)
        .collect()
}
