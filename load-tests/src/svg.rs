//! Curves over time as an SVG file, readable in light and dark. Pure text; a
//! plotting library would be larger than all that is drawn here.

use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const PANEL: f64 = 150.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 48.0;
/// Between two panels: a title and the seconds below.
const GAP: f64 = 46.0;
/// Points of a curve; more would fall on one pixel.
const POINTS_MAX: usize = 700;

const STYLE: &str = "\
svg{color-scheme:light dark;background:#fff;font:12px system-ui,sans-serif}\
text{fill:#24292f}.small{fill:#57606a;font-size:11px}.title{font-size:15px;font-weight:600}\
.grid{stroke:#d0d7de;stroke-width:1}.curve{fill:none;stroke-width:1.6;stroke-linejoin:round}\
.c0{stroke:#0b5cad}.c1{stroke:#b35900;stroke-dasharray:5 3}\
.k0{fill:#0b5cad}.k1{fill:#b35900}\
@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}\
.small{fill:#9da7b3}.grid{stroke:#30363d}.c0{stroke:#6cb6ff}.c1{stroke:#f0a45d}\
.k0{fill:#6cb6ff}.k1{fill:#f0a45d}}";

/// A curve: its name and its (second, value) points, seconds rising.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Curves with one axis; at most two are told apart.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) curves: Vec<Curve>,
}

/// Panels below one another, with one axis of time.
pub(crate) fn draw(title: &str, panels: &[Panel]) -> String {
    let height = TOP + panels.len() as f64 * (PANEL + GAP);
    let seconds = panels
        .iter()
        .flat_map(|panel| &panel.curves)
        .flat_map(|curve| &curve.points)
        .fold(1.0, |most: f64, point| most.max(point.0));
    let mut svg = String::new();
    push(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{0}\">\n\
             <style>{STYLE}</style>\n<text class=\"title\" x=\"{LEFT}\" y=\"20\">{0}</text>\n",
            escaped(title)
        ),
    );
    for (place, panel) in panels.iter().enumerate() {
        let top = TOP + place as f64 * (PANEL + GAP);
        draw_panel(&mut svg, panel, top, seconds);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_panel(svg: &mut String, panel: &Panel, top: f64, seconds: f64) {
    let points = panel.curves.iter().flat_map(|curve| &curve.points);
    let most = points.fold(0.0, |most: f64, point| most.max(point.1));
    let step = step(most);
    let top_value = (most / step).ceil().max(1.0) * step;
    let y = |value: f64| top + PANEL - value / top_value * PANEL;
    let x = |second: f64| LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
    push(
        svg,
        format_args!(
            "<text x=\"{LEFT}\" y=\"{}\">{}</text>\n",
            top - 8.0,
            escaped(&panel.title)
        ),
    );
    let lines = (top_value / step).round() as u32;
    for value in (0..=lines).map(|line| f64::from(line) * step) {
        let (at, right, label) = (y(value), WIDTH - RIGHT, number(value));
        push(
            svg,
            format_args!(
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"small\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
                LEFT - 6.0,
                at + 4.0
            ),
        );
    }
    for line in 0..=4 {
        let second = seconds * f64::from(line) / 4.0;
        let (at, below) = (x(second), top + PANEL + 15.0);
        push(
            svg,
            format_args!(
                "<text class=\"small\" x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{} s</text>\n",
                number(second.round())
            ),
        );
    }
    for (place, curve) in panel.curves.iter().enumerate() {
        let class = place % 2;
        let path: Vec<String> = thinned(&curve.points)
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
            .collect();
        push(
            svg,
            format_args!(
                "<polyline class=\"curve c{class}\" points=\"{}\"/>\n",
                path.join(" ")
            ),
        );
        if panel.curves.len() > 1 {
            let right = WIDTH - RIGHT - place as f64 * 90.0;
            push(
                svg,
                format_args!(
                    "<text class=\"k{class}\" x=\"{right}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                    top - 8.0,
                    escaped(&curve.name)
                ),
            );
        }
    }
}

/// A round step that gives three to six lines.
fn step(most: f64) -> f64 {
    if !(most > 0.0 && most.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powf((most / 4.0).log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let fits = factors
        .into_iter()
        .find(|factor| factor * power * 4.0 >= most);
    fits.unwrap_or(10.0) * power
}

/// At most so many points; of those that fall together the highest, so that a
/// peak is never lost.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(POINTS_MAX).max(1);
    let highest = |chunk: &[(f64, f64)]| chunk.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    points.chunks(size).filter_map(highest).collect()
}

fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn push(svg: &mut String, what: std::fmt::Arguments<'_>) {
    svg.write_fmt(what)
        .expect("writing into a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_lines_few() {
        for (most, expected) in [
            (0.0, 1.0),
            (4.0, 1.0),
            (7.0, 2.0),
            (730.0, 200.0),
            (0.09, 0.025),
        ] {
            let step = step(most);
            assert!((step - expected).abs() < 1e-9, "{most}: {step}");
        }
        for most in (1..2_000).map(f64::from) {
            assert!((1.0..=5.0).contains(&(most / step(most)).ceil()), "{most}");
        }
    }

    #[test]
    fn a_peak_among_thousands_of_points_is_drawn() {
        let mut points: Vec<(f64, f64)> = (0..5_000).map(|s| (f64::from(s), 1.0)).collect();
        points[3_333].1 = 90.0;
        let thin = thinned(&points);
        assert!(thin.len() <= POINTS_MAX && thin.contains(&(3_333.0, 90.0)));
        assert!(thin.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_drawing_has_each_curve_and_stays_inside() {
        let curve = |name: &str| Curve {
            name: name.into(),
            points: vec![(0.0, 1.0), (10.0, 9.0)],
        };
        let panels = [
            Panel {
                title: "a < b & \"c\"".into(),
                curves: vec![curve("p50"), curve("p99")],
            },
            Panel {
                title: "none".into(),
                curves: vec![],
            },
        ];
        let svg = draw("t", &panels);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains("a &lt; b &amp; &quot;c&quot;"));
        assert!(svg.contains("prefers-color-scheme:dark"));
        // 9 of 10: nine tenths up the panel.
        assert!(svg.contains("840.0,63.0"), "{svg}");
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    }
}
