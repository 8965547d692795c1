//! Words that sentences are built with, in the languages most documents are in:
//! nobody misspells the name of a trade, a skill or a place into one of them and
//! means it. Owns the list alone; which words of a query are silent is `reduce`'s.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a folded word is one of them.
pub(super) fn is_sentence(word: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split(' ').collect());
    ALL.contains(word)
}

// German, English, French, Spanish, Italian, Dutch and Portuguese, folded.
const WORDS: &str = "\
    aan aber able above across afin again against agli ainsi algo alla alle alleen allem \
    allen aller alles allo almost along alors already als also although altijd always among \
    anche ancora andere anderen another ante antes anyone anything aos apres aquel aquela \
    aquele aqui around asi ate auch aucun auf aun aunque aus aussi autre autres aux avant \
    avec avez avoir avons away bajo because become been before behind bei beim being below \
    ben bereits between bij bin binnen bis bist cada cannot cela celle celui ces cet cette \
    ceux chaque che chez chi com come comme como con contra cosa could cual cuando dabei \
    dadurch dafur dagli dai dal dalla dalle damit dan dann dans daran darauf darum das dass \
    dat dazu degli dei dein deine del dela dele della delle dello dem den denen denn depois \
    depuis der deren des desde dessen deux deze did die dies diese diesem diesen dieser \
    dieses dit doch doen does doing donc donde done dont door dort dos dove down durante \
    durch during dus een ein eine einem einen einer eines einige either ela ele eles elke \
    ella ellas elle elles ellos else encore ensure entre era erst esa ese eso essa esse \
    essere est esta estan estar este esto estos etes etre etwas euch eure eux even ever \
    every everyone fait few foi fue fur further geen gegen get gets give given gli goes gone \
    haar habe haben hacia had han hanno hast hasta hat hatte hatten hay heb hebben heeft \
    hence here hers herself het hier hij him himself hinter hoe how however hun ich ihm ihn \
    ihnen ihr ihre ihrem ihren ihrer ils immer ins instead isso ist isto itself jede jedem \
    jeden jeder jedes jetzt jij jou jouw just kan kann kannst kein keine keinen konnen \
    konnte kun kunnen las least les less let leur leurs like loro lors los lui maar made \
    mais make makes man many mas meer mehr mein meine meme mes mesmo met meu mia mich \
    mientras might mij mijn minha mio mir mit moet moins molto mon most much muito muss \
    mussen must muy myself naar nach nada nao nas near nei neither nel nella nelle nem never \
    nicht nichts niet noch nog noi non nor nos nosotros nossa nosso nostra nostro not \
    nothing notre nous now nuestra nuestro num nun nur oder off often ogni ohne omdat once \
    onde onder one only ons ont onto onze ook others otra otro ought ours ourselves out over \
    own par para parce pas pela pelo pendant per perche pero peut piu please plus poco poi \
    por porque pour pourquoi pues puis qual quale quand quando que quel quella quelle quello \
    quels quem questa questo qui quien quite rather really reeds same sans schon sea segun \
    sehr sei sein seine seinem seinen seiner seit seja selon sem senza ser sera ses seu seus \
    shall should sia siamo sich sie sim sin since sind sob sobre soit sollen sollte some \
    someone something son sondern sono sonst sont sowie statt still sua suas sul sulla \
    suo sur sus take taken tambem tambien tan tanto tegen tem ter tes themselves then there \
    therefore thing things though thus tiene toch toda todo todos toen together ton too tot \
    tous tout toute toutes toward towards tra tras tres tussen tutti tutto uber uit uma umas \
    una unas und under une unless unos uns unser unsere unserem unseren unserer unter until \
    upon use used using van veel vers very via viel viele voce voi vom von voor vor vos \
    votre vous waar wahrend want war waren warum was wat weil weiter wel welche welcher well \
    wenn went wer werd werden what when where whether whom whose why wie wieder wij wil will \
    wir wird wirst within without wollen worden wordt wurde wurden yet yours yourself zal \
    zeer zelf zich zij zijn zonder zou zum zur zwar zwischen";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_sentences_are_none_of_trades() {
        for word in [
            "noch", "wenn", "sein", "with", "avec", "para", "sono", "voor",
        ] {
            assert!(
                is_sentence(word) || crate::reduce::is_silent(word),
                "{word}"
            );
        }
        for word in ["koch", "nurse", "manager", "bern", "java", ""] {
            assert!(!is_sentence(word), "{word}");
        }
        assert!(WORDS.split(' ').all(|word| word.len() > 2));
    }
}
