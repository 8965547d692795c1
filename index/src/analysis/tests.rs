//! The rules of docs/analysis.md as tables, and what must hold for any text.

use proptest::prelude::*;

use super::*;

fn analysed(text: &str, language: Option<Language>) -> Words {
    let mut words = Words::default();
    analyse(text, language, &mut words);
    words
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let words = analysed(text, None);
    let found: Vec<_> = words
        .items()
        .iter()
        .map(|word| words.folded(word))
        .collect();
    assert_eq!(
        found,
        expected.split_whitespace().collect::<Vec<_>>(),
        "{text:?}"
    );
}

#[test]
fn signs_belong_to_words_as_the_page_says() {
    for (text, expected) in [
        ("C++, g++ (C++17) 5++ i++x", "c++ g++ c++ 17 5 i x"),
        ("C/C++/C#; F#: #1 A# c#x C♯", "c c++ c# f# 1 a c x c#"),
        ("5+ years, A+ 50% $80K–100k €5", "5 years a 50 80k 100k 5"),
        (
            ".NET, (.net-core) C#.NET using.NET behance.net .network",
            ".net .net core c# .net using .net behance net network",
        ),
        (
            "ASP.NET VB.Net ml.net ASP.NET-Core",
            "asp.net vb.net ml.net asp.net core",
        ),
        (
            "Node.js, next.JS. socket.io c3.ai end.AI .js",
            "node.js next.js socket.io c3.ai end ai js",
        ),
        (
            "3.11 1.2.3, 2.5k v1.2 2.Develop 10.",
            "3.11 1.2.3 2.5k v1.2 2 develop 10",
        ),
        (
            "80,000 1,250,000 80,000k 1,2,3 2011,2012 a,b",
            "80000 1250000 80000k 1 2 3 2011 2012 a b",
        ),
        (
            "U.S.A. U.S.-based e.g., R.N. U.S.Citizen No.1",
            "usa us based eg rn us citizen no 1",
        ),
        ("Ph.D. B.Sc., M.Tech b.com/x", "phd bsc mtech bcom x"),
        (
            "requirements.Experience a.Net end.Start",
            "requirements experience a net end start",
        ),
        (
            "R&D AT&T QA&QC R & D, M & A. R &D X & Yes",
            "r&d at&t qa qc r&d m&a r d x yes",
        ),
        (
            "TCP/IP PL/SQL A/B S/4HANA 24/7 i/o",
            "tcp/ip pl/sql a/b s/4hana 24/7 i/o",
        ),
        (
            "and/or CI/CD UI/UX w/ s/4hanax",
            "and or ci cd ui ux w s 4hanax",
        ),
        (
            "full-time front-end T-SQL -x- frontend",
            "full time front end t sql x frontend",
        ),
        ("E-Mail e-commerce e-x e-2go", "email ecommerce e x e 2go"),
        (
            "driver's drivers' we're you’ll don't O'Reilly 5'10",
            "driver drivers we you dont oreilly 5 10",
        ),
        (
            "l'entreprise d’équipe DELL'AREA qu'il",
            "entreprise equipe area il",
        ),
        (
            "snake_case **bold** 😀 a😀b \u{200b}x\u{200b}y",
            "snake case bold a b x y",
        ),
        ("a@bo.com", "a bo com"),
    ] {
        check(text, expected);
    }
}

#[test]
fn letters_fold_as_the_page_says() {
    for (text, expected) in [
        (
            "Résumé STRASSE Straße ẞ ÆØÅ Œuvre Łódź Þór đ",
            "resume strasse strasse ss aeoa oeuvre lodz thor d",
        ),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("Ｃ＋＋ ＡＢＣ ﬁnance ① m² ㎏", "c++ abc finance 1 m2 kg"),
        ("e\u{301}te\u{301} co\u{ad}operate", "ete cooperate"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("Йод Ёлка", "йод елка"),
        ("مُحَمَّد أحمد ١٢٣", "محمد احمد 123"),
        ("가각 \u{1100}\u{1161}", "가각 가"),
        ("が ガ ｶﾞ", "が ガ ガ"),
    ] {
        check(text, expected);
        assert_eq!(fold(&fold(text)), fold(text));
    }
    assert_eq!(fold("Café & Søn A/S"), "cafe & son a/s");
}

#[test]
fn scripts_without_blanks_are_cut_by_dictionary() {
    check("职位要求：熟悉Java开发", "职位 要求 熟悉 java 开发");
    check("ソフトウェアエンジニア", "ソフトウェアエンジニア");
    check("พนักงานขาย C++", "พนักงาน ขาย c++");
    check("소프트웨어 개발자", "소프트웨어 개발자");
}

#[test]
fn long_words_are_cut_and_keep_their_position() {
    let long = format!("a {} b {}", "x".repeat(500), "é".repeat(80));
    let words = analysed(&long, None);
    let folded: Vec<_> = words
        .items()
        .iter()
        .map(|word| words.folded(word).len())
        .collect();
    assert_eq!(folded, [1, 64, 1, 64]);
}

#[test]
fn ranges_point_into_the_original_text() {
    let text = "“Ｎｏｄｅ.js” — l’Équipe • R & D ﬃ";
    let words = analysed(text, None);
    let found: Vec<_> = words
        .items()
        .iter()
        .map(|word| {
            text.get(word.start as usize..word.end as usize)
                .expect("ranges are boundaries")
        })
        .collect();
    assert_eq!(found, ["Ｎｏｄｅ.js", "Équipe", "R & D", "ﬃ"]);
}

#[test]
fn stems_are_tagged_and_stored_where_they_differ() {
    for (language, text, expected) in [
        (
            "en",
            "managing manager sql c++ 2nd",
            "~en:manag ~en:manag - - -",
        ),
        ("de", "Häuser Entwicklung", "~de:haus ~de:entwickl"),
        ("fr", "développeurs équipe", "~fr:developpeur ~fr:equip"),
        ("es", "gestiones", "~es:gestion"),
        ("ru", "разработчика", "~ru:разработчик"),
        ("tr", "kitapları", "~tr:kitap"),
        ("ja", "managing", "-"),
        ("ru", "managing", "-"),
    ] {
        let words = analysed(text, Language::from_tag(language));
        let found: Vec<_> = words
            .items()
            .iter()
            .map(|word| match words.stem(word) {
                "" => "-",
                stem => stem,
            })
            .collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn query_terms_hold_the_word_then_its_stems() {
    let terms = query_terms("Managers C++", &[Language::En, Language::De, Language::Zh]);
    let texts: Vec<Vec<&str>> = terms
        .iter()
        .map(|term| {
            term.alternatives
                .iter()
                .map(|(text, _)| text.as_str())
                .collect()
        })
        .collect();
    let expected: [&[&str]; 2] = [&["managers", "manag", "~en:manag", "~de:manag"], &["c++"]];
    assert_eq!(texts, expected);
    assert!(terms.iter().all(|term| term.alternatives[0].0 == term.word));
}

#[test]
fn tags_round_trip() {
    for language in Language::ALL {
        assert_eq!(Language::from_tag(language.tag()), Some(language));
    }
    for (tag, expected) in [
        ("en-US", Some(Language::En)),
        ("ZH_Hans", Some(Language::Zh)),
        ("nb", Some(Language::No)),
        ("xx", None),
        ("", None),
    ] {
        assert_eq!(Language::from_tag(tag), expected, "{tag}");
    }
}

#[test]
fn languages_are_detected() {
    for (text, tag) in [
        (
            "We are looking for a senior engineer to join our growing team in London.",
            "en",
        ),
        (
            "Wir suchen ab sofort einen erfahrenen Entwickler für unser Team in Berlin.",
            "de",
        ),
        (
            "Nous recherchons un développeur expérimenté pour rejoindre notre équipe.",
            "fr",
        ),
        (
            "Wij zoeken een ervaren ontwikkelaar voor ons team in Amsterdam.",
            "nl",
        ),
        (
            "Vi söker en erfaren utvecklare till vårt team i Stockholm och Göteborg.",
            "sv",
        ),
        (
            "Vill du arbeta i en ny grupp av utvecklare? Drivs du av att lära dig och vill du växa?",
            "sv",
        ),
        (
            "Le service du centre recherche un chef du restaurant, au sein du pôle du sud.",
            "fr",
        ),
        (
            "Vi søger en erfaren udvikler til vores team, og du får ansvar fra første dag, så du er ikke alene og du lærer af de bedste.",
            "da",
        ),
        (
            "Vi søker en erfaren utvikler til vårt team, og du får ansvar fra første dag, så du er ikke alene og du lærer av de beste.",
            "no",
        ),
        (
            "Etsimme kokenutta kehittäjää ja tarjoamme mukavan työn, joten hae nyt, jos osaat ja haluat, tai voit soittaa.",
            "fi",
        ),
        (
            "Poszukujemy doświadczonego programisty, który dołączy do naszego zespołu w Łodzi.",
            "pl",
        ),
        (
            "Hledáme zkušeného vývojáře, který rozšíří náš tým. Nabízíme příjemné prostředí.",
            "cs",
        ),
        (
            "Tapasztalt fejlesztőt keresünk csapatunk erősítésére, kiemelkedő fizetéssel.",
            "hu",
        ),
        (
            "Căutăm un dezvoltator cu experiență pentru echipa noastră din București și Cluj.",
            "ro",
        ),
        (
            "Buscamos un desarrollador con experiencia para nuestro equipo en Madrid.",
            "es",
        ),
        (
            "Cerchiamo uno sviluppatore esperto per il nostro team di Milano.",
            "it",
        ),
        (
            "Procuramos um programador experiente para a nossa equipa em Lisboa.",
            "pt",
        ),
        (
            "Мы ищем опытного разработчика в нашу команду в Москве.",
            "ru",
        ),
        (
            "Ми шукаємо досвідченого розробника до нашої команди у Києві.",
            "uk",
        ),
        (
            "Ekibimize katılacak deneyimli bir yazılım geliştirici arıyoruz.",
            "tr",
        ),
        ("Αναζητούμε έμπειρο προγραμματιστή για την ομάδα μας.", "el"),
        ("نبحث عن مطور برامج ذي خبرة للانضمام إلى فريقنا", "ar"),
        ("我们正在寻找经验丰富的软件工程师加入我们的团队", "zh"),
        ("経験豊富なソフトウェアエンジニアを募集しています", "ja"),
        ("경험이 풍부한 소프트웨어 개발자를 찾고 있습니다", "ko"),
        ("เรากำลังมองหาวิศวกรซอฟต์แวร์ที่มีประสบการณ์", "th"),
    ] {
        assert_eq!(detect(text).map(Language::tag), Some(tag), "{text}");
    }
    assert_eq!(detect("Java SQL"), None);
    assert_eq!(detect(""), None);
}

/// Text that meets the rules more often than arbitrary Unicode does.
fn tricky_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z]{1,8}",
        2 => "[-.&+#/'’,_@ ]{1,3}",
        1 => "[0-9]{1,4}",
        1 => "[àéßøœıİłǆſΣς]{1,3}",
        1 => "[\u{300}-\u{30f}\u{ad}\u{200d}\u{fe0f}\u{ff9e}\u{1100}\u{1161}\u{11a8}]{1,2}",
        1 => "[职位要求ガがｶ가ขาย①㎞ﷺ😀]{1,4}",
        1 => "\\PC{1,4}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_has_valid_ranges(text in tricky_text(), language in 0..Language::ALL.len()) {
        let words = analysed(&text, Some(Language::ALL[language]));
        let (mut start, mut end) = (0, 0);
        for word in words.items() {
            let slice = text.get(word.start as usize..word.end as usize);
            prop_assert!(slice.is_some_and(|slice| !slice.is_empty()), "{word:?}");
            prop_assert!(word.start >= start && word.end >= end);
            (start, end) = (word.start, word.end);
            prop_assert!(!words.folded(word).is_empty() && words.folded(word).len() <= 64);
            prop_assert_eq!(word.key, TermKey::of(words.folded(word)));
        }
    }

    #[test]
    fn folding_a_folded_text_changes_nothing(text in tricky_text()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_query_of_a_documents_text_meets_every_word(
        text in tricky_text(),
        language in 0..Language::ALL.len(),
    ) {
        let language = Language::ALL[language];
        let words = analysed(&text, Some(language));
        let terms = query_terms(&text, &[language]);
        prop_assert_eq!(words.len(), terms.len());
        for (word, term) in words.items().iter().zip(&terms) {
            let keys: Vec<_> = term.alternatives.iter().map(|(_, key)| *key).collect();
            prop_assert_eq!(keys.first(), Some(&word.key));
            prop_assert!(word.stem_key.is_none_or(|key| keys.contains(&key)));
        }
    }

    #[test]
    fn words_do_not_depend_on_the_language(text in tricky_text()) {
        let keys = |language| {
            let words = analysed(&text, language);
            words.items().iter().map(|word| word.key).collect::<Vec<_>>()
        };
        prop_assert_eq!(keys(None), keys(Some(Language::Fr)));
    }

    #[test]
    fn stemmers_take_any_letters(word in "[a-zà-ÿа-яαωάۀا-يक-ह़ा-्]{1,14}", language in 0..Language::ALL.len()) {
        fold_stem(Language::ALL[language], &word);
        for &letters in &["aeioułśźżçğışöüăâîșț", "абвгдеёжзийіїєґьъ", "αβγδεζηθιςόύώ", "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىئؤءًّ"] {
            let pick: String = word.chars().filter_map(|letter| {
                let letters: Vec<char> = letters.chars().collect();
                letters.get(letter as usize % letters.len()).copied()
            }).collect();
            fold_stem(Language::ALL[language], &pick);
        }
    }

    #[test]
    fn detection_takes_any_text(text in "\\PC{0,2000}") {
        prop_assert_eq!(detect(&text), detect(&text));
    }
}

proptest! {
    #[test]
    fn reading_for_some_words_finds_each_of_them(
        text in "([a-eA-E]{0,4}[.,'&/+#x1-3 -]{0,2}|[üßé]|\\.NET|l'|R & D ){0,12}",
        wanted in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let all = analysed(&text, None);
        let found = |words: &Words| -> Vec<(u32, u32, String)> {
            let items = words.items().iter();
            items.map(|word| (word.start, word.end, words.folded(word).to_owned())).collect()
        };
        let all = found(&all);
        prop_assume!(!all.is_empty());
        let wanted: Vec<&String> = wanted.iter().map(|at| &all[at.index(all.len())].2).collect();
        let mut starts = Starts::default();
        for word in &wanted {
            starts.add_word(word);
        }
        let mut some = Words::default();
        analyse_for(&text, &starts, &mut some);
        let some = found(&some);
        for word in all.iter().filter(|word| wanted.contains(&&word.2)) {
            prop_assert!(some.contains(word), "{text:?} {word:?} {some:?}");
        }
        // What was left out stands for at least one word between its neighbours.
        for pair in some.windows(2).filter(|pair| pair.iter().all(|word| !word.2.is_empty())) {
            let at = |word: &(u32, u32, String)| all.iter().position(|other| other == word);
            prop_assert_eq!(at(&pair[0]).map(|at| at + 1), at(&pair[1]), "{:?} {:?}", text, some);
        }
    }
}

#[test]
fn stems_begin_as_their_words_do() {
    let words = "skies dying lying tying skis idly news inning outing canning herring earring
        exceed proceed only early gently ugly singly sky dies ties lies yellow says used
        arbeiten fahren gelesen arbeitet kinder verkehr entwicklerin leiterin techniker
        travaille ouvriers infirmières vendeuse chauffeurs jouer yeux
        trabajadores enfermeras yerno lavorare infermieri verpleegkundigen ijzer iers";
    for tag in ["en", "de", "fr", "es", "it", "nl", "pt", "sv"] {
        let Some(language) = Language::from_tag(tag) else {
            continue;
        };
        for word in words.split_whitespace() {
            let Some(stem) = stem::fold_stem(language, word) else {
                continue;
            };
            let mut starts = Starts::default();
            starts.add_stem(tag, &stem);
            let found = starts.may_be_in(fold(word).as_bytes());
            assert!(found, "{tag} {word} {stem}");
        }
    }
}
