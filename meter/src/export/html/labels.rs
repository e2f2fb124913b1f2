//! Labels of marks in a chart, none over another.

use super::svg::anchor;

/// Height of the chart in pixels, as in style.css.
const CHART: f64 = 240.0;
/// Width of a character on a phone, in percent of the chart's width.
const CHARACTER: f64 = 2.2;
/// Height of a label in pixels.
const HEIGHT: f64 = 13.0;
/// Half the size of the largest mark: in pixels, and in percent of a phone's width.
const RADIUS: (f64, f64) = (8.0, 2.0);
/// Baselines above and below a mark, in pixels from its centre.
const BASELINES: [f64; 2] = [-12.0, 20.0];

/// A label's left end and width in percent, and its middle in pixels from the top.
#[derive(Clone, Copy)]
struct Place {
    left: f64,
    width: f64,
    middle: f64,
}

/// The marks of a chart, and the labels placed so far.
pub(super) struct Labels {
    /// Position of each mark, in percent of the chart's width and height.
    marks: Vec<(f64, f64)>,
    placed: Vec<Place>,
}

impl Labels {
    /// No labels yet, beside these marks.
    pub(super) fn beside(marks: Vec<(f64, f64)>) -> Self {
        Self { marks, placed: Vec::new() }
    }

    /// The memory size above a mark or below it, if possible over no other mark; empty where labels
    /// take both places.
    pub(super) fn label(&mut self, left: f64, top: f64, memory_mb: u64) -> String {
        let (anchor, text) = (anchor(left), format!("{memory_mb} MB"));
        let width = CHARACTER * text.len() as f64;
        let start = match anchor {
            "start" => left,
            "end" => left - width,
            _ => left - width / 2.0,
        };
        let place = |dy: f64| Place { left: start, width, middle: top / 100.0 * CHART + dy - HEIGHT / 3.0 };
        let free = || BASELINES.into_iter().filter(|dy| !self.is_over_label(place(*dy)));
        let best = free().find(|dy| !self.is_over_mark(place(*dy))).or_else(|| free().next());
        let Some(dy) = best else { return String::new() };
        self.placed.push(place(dy));
        format!(
            "<text class=\"label\" x=\"{left:.2}%\" y=\"{top:.2}%\" dy=\"{dy}\" \
             text-anchor=\"{anchor}\">{text}</text>"
        )
    }

    fn is_over_label(&self, place: Place) -> bool {
        let overlaps = |other: &Place| {
            other.left < place.left + place.width
                && place.left < other.left + other.width
                && (other.middle - place.middle).abs() < HEIGHT
        };
        self.placed.iter().any(overlaps)
    }

    fn is_over_mark(&self, place: Place) -> bool {
        let (high, wide) = RADIUS;
        let overlaps = |(left, top): &(f64, f64)| {
            (place.left - wide..place.left + place.width + wide).contains(left)
                && (top / 100.0 * CHART - place.middle).abs() < HEIGHT / 2.0 + high
        };
        self.marks.iter().any(overlaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE: &str = r#"dy="-12""#;
    const BELOW: &str = r#"dy="20""#;

    #[test]
    fn labels_do_not_lie_over_each_other() {
        let mut labels = Labels::beside(Vec::new());
        assert!(labels.label(20.0, 50.0, 128).contains(ABOVE));
        assert!(labels.label(25.0, 49.0, 256).contains(BELOW));
        assert_eq!(labels.label(22.0, 50.0, 512), "", "both places are taken");
        assert!(labels.label(60.0, 50.0, 1_769).contains(ABOVE));
    }

    #[test]
    fn longer_labels_need_more_room() {
        let mut labels = Labels::beside(Vec::new());
        assert!(labels.label(40.0, 50.0, 512).contains(ABOVE));
        assert!(labels.label(54.0, 50.0, 512).contains(ABOVE), "512 MB beside 512 MB");
        let mut labels = Labels::beside(Vec::new());
        assert!(labels.label(40.0, 50.0, 10_240).contains(ABOVE));
        assert!(labels.label(54.0, 50.0, 10_240).contains(BELOW), "10240 MB over 10240 MB");
    }

    #[test]
    fn labels_avoid_marks_where_they_can() {
        let mark = (20.0, 50.0);
        let above = (21.0, 44.0);
        assert!(Labels::beside(vec![mark]).label(20.0, 50.0, 128).contains(ABOVE));
        assert!(Labels::beside(vec![mark, above]).label(20.0, 50.0, 128).contains(BELOW));
        let below = (19.0, 57.0);
        assert!(Labels::beside(vec![mark, above, below]).label(20.0, 50.0, 128).contains(ABOVE));
    }
}
