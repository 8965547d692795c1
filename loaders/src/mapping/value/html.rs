//! HTML to text: paragraphs and lists stay lines, markup goes. Owns no more of
//! HTML than job ads have.

const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "section",
    "article",
    "header",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "table",
    "tr",
    "blockquote",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
    "form",
    "main",
];
const SILENT: [&str; 4] = ["script", "style", "head", "template"];
/// A `<` without its `>` within this many bytes is a letter: "a < b".
const TAG_BYTES_MAX: usize = 8_192;

const ENTITIES: [(&str, &str); 40] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("bull", "•"),
    ("middot", "·"),
    ("euro", "€"),
    ("pound", "£"),
    ("yen", "¥"),
    ("cent", "¢"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("szlig", "ß"),
    ("eacute", "é"),
    ("egrave", "è"),
    ("agrave", "à"),
    ("ccedil", "ç"),
    ("ecirc", "ê"),
    ("ocirc", "ô"),
    ("icirc", "î"),
    ("aring", "å"),
    ("ntilde", "ñ"),
];

/// The text of an HTML fragment. Text that has no tags but escaped ones
/// (`&lt;p&gt;`) is unescaped first: some feeds escape twice.
pub(in crate::mapping) fn to_text(html: &str) -> String {
    if !html.contains('<') && html.contains("&lt;") {
        return strip(&unescape(html));
    }
    strip(html)
}

/// Whether a text looks like HTML.
pub(in crate::mapping) fn looks_like(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "<p", "<div", "<br", "<ul", "<li", "<strong", "<h1", "<h2", "<span", "&lt;p", "&lt;div",
    ]
    .iter()
    .any(|tag| lower.contains(tag))
}

fn strip(html: &str) -> String {
    let mut out = Lines::default();
    let mut rest = html;
    while let Some((text, behind)) = rest.split_once('<') {
        out.text(&unescape(text));
        let comment = behind.strip_prefix("!--");
        if let Some(comment) = comment {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let starts = behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = behind
            .find('>')
            .filter(|end| starts && *end <= TAG_BYTES_MAX);
        let Some((tag, after)) = end.map(|end| behind.split_at(end)) else {
            out.text("<");
            rest = behind;
            continue;
        };
        rest = after.strip_prefix('>').unwrap_or(after);
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if SILENT.contains(&name.as_str()) && !tag.starts_with('/') {
            let close = format!("</{name}");
            let end = rest.to_ascii_lowercase().find(&close);
            rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
        }
        out.tag(&name, tag.starts_with('/'));
    }
    out.text(&unescape(rest));
    out.done()
}

/// Lines as they grow.
#[derive(Default)]
struct Lines {
    made: String,
    line: String,
    /// An empty line goes before the next text.
    apart: bool,
}

impl Lines {
    fn text(&mut self, text: &str) {
        for (place, word) in text.split(char::is_whitespace).enumerate() {
            if place > 0 && !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
            self.line.push_str(word);
        }
    }

    fn tag(&mut self, name: &str, closes: bool) {
        match name {
            "br" => self.end(),
            "li" => {
                self.end();
                if !closes {
                    self.line.push_str("- ");
                }
            }
            "td" | "th" => self.text(" "),
            // "<li><p>text": the dash stays with its text.
            block if BLOCKS.contains(&block) && self.line != "- " => {
                self.end();
                self.apart = !matches!(block, "tr" | "div" | "dd" | "dt");
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        let line = self.line.trim();
        if !line.is_empty() && line != "-" {
            if !self.made.is_empty() {
                self.made.push_str(if self.apart { "\n\n" } else { "\n" });
            }
            self.made.push_str(line);
            self.apart = false;
        }
        self.line.clear();
    }

    fn done(mut self) -> String {
        self.end();
        self.made
    }
}

fn unescape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        made.push_str(before);
        let found = behind
            .char_indices()
            .take(10)
            .find(|(_, c)| *c == ';')
            .and_then(|(end, _)| Some((entity(behind.get(..end)?)?, behind.get(end + 1..)?)));
        if let Some((letter, after)) = found {
            made.push_str(&letter);
            rest = after;
        } else {
            made.push('&');
            rest = behind;
        }
    }
    made.push_str(rest);
    made
}

fn entity(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).map(|c| if c.is_control() { ' ' } else { c }.to_string());
    }
    let known = ENTITIES.iter().find(|(known, _)| *known == name);
    known.map(|(_, letter)| (*letter).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists_stay_lines() {
        let cases = [
            ("plain & simple", "plain & simple"),
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            (
                "<h2>Tasks</h2><ul><li>Rust</li><li><p>Go &amp; C</p></li></ul><p>End",
                "Tasks\n\n- Rust\n- Go & C\n\nEnd",
            ),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<b>bold</b>ly <i>gone</i>", "boldly gone"),
            ("x<script>alert('<p>')</script>y", "xy"),
            (
                "&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;",
                "Escaped & twice",
            ),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("&#8364;50 &#x20AC;60 &unknown; &", "€50 €60 &unknown; &"),
            ("<!-- note --><td>a</td><td>b</td>", "a b"),
            ("  spread\n\n  out  ", "spread out"),
            ("<unclosed", "<unclosed"),
            ("", ""),
        ];
        for (html, expected) in cases {
            assert_eq!(to_text(html), expected, "{html}");
        }
    }
}
