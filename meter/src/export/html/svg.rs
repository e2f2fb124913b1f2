//! The elements of the charts.

use super::scale::Scale;
use crate::export::short_number;
use std::fmt::{self, Write};

/// Displays a text escaped for HTML.
#[derive(Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// Anchor of an axis label, so that labels at the ends stay inside the chart.
pub(super) fn anchor(percent: f64) -> &'static str {
    match percent {
        ..8.0 => "start",
        92.0.. => "end",
        _ => "middle",
    }
}

/// Vertical lines at the ticks of a horizontal axis.
pub(super) fn vertical_grid(out: &mut String, scale: &Scale) {
    for tick in scale.ticks() {
        let x = scale.percent(tick);
        let _ = write!(out, r#"<line class="grid" x1="{x:.2}%" x2="{x:.2}%" y1="0" y2="100%"/>"#);
    }
}

/// Horizontal lines at the ticks of a vertical axis, each with its label to the left of the chart, where no
/// mark can cover it.
pub(super) fn horizontal_grid(out: &mut String, scale: &Scale, label: impl Fn(f64) -> String) {
    for tick in scale.ticks() {
        let y = 100.0 - scale.percent(tick);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.2}%\" y2=\"{y:.2}%\"/>\
             <text class=\"tick\" x=\"-8\" y=\"{y:.2}%\" dy=\"4\" text-anchor=\"end\">{}</text>",
            Escaped(&label(tick))
        );
    }
}

/// The labels of a horizontal axis, as a row below the chart.
pub(super) fn axis(ticks: &[f64], scale: &Scale, label: impl Fn(f64) -> String) -> String {
    let mut out = r#"<svg class="axis" aria-hidden="true">"#.to_owned();
    for tick in ticks {
        let x = scale.percent(*tick);
        let _ = write!(
            out,
            r#"<text class="tick" x="{x:.2}%" y="14" text-anchor="{}">{}</text>"#,
            anchor(x),
            Escaped(&label(*tick))
        );
    }
    out + "</svg>"
}

/// The title of a horizontal axis, below its labels.
pub(super) fn axis_title(title: &str) -> String {
    format!("<p class=\"axis-title\">{}</p>", Escaped(title))
}

/// A short time for a tick.
pub(super) fn short_time(ms: f64) -> String {
    let (value, unit) = match ms {
        _ if ms == 0.0 => return "0".to_owned(),
        ..0.999_9 => (ms * 1e3, "us"),
        ..999.9 => (ms, "ms"),
        _ => (ms / 1e3, "s"),
    };
    format!("{} {unit}", short_number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        let text = Escaped("<script>alert('a & \"b\"')</script>").to_string();
        assert_eq!(text, "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    }

    #[test]
    fn ticks_are_short() {
        assert_eq!(
            [0.0, 0.5, 2.5, 100.0, 2_500.0].map(short_time),
            ["0", "500 us", "2.5 ms", "100 ms", "2.5 s"]
        );
    }
}
