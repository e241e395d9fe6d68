//! A drawing being made.

use std::fmt::{Arguments, Write as _};

use super::escaped;

/// The width of every drawing, in its own units.
pub(super) const WIDTH: f64 = 720.0;
/// Letters of a label are about this wide, in the same units.
pub(super) const LETTER: f64 = 6.6;

/// A drawing being made.
#[derive(Debug, Default)]
pub(super) struct Svg(String);

impl Svg {
    /// Adds an element.
    pub fn put(&mut self, element: Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(element);
    }

    /// Adds a text. `class` says how it is set, `anchor` which end stands at `x`.
    pub fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        self.put(format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    /// Adds a line.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// The drawing with its name and what it shows in words. `id` makes the names of its parts unique on the page.
    pub fn done(self, id: &str, height: f64, title: &str, about: &str) -> String {
        let (id, title, about) = (escaped(id), escaped(title), escaped(about));
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
             <title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{about}</desc>{}</svg>",
            self.0
        )
    }
}

/// A label that fits a width; the rest is cut with an ellipsis.
pub(super) fn fitting(text: &str, width: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a drawing is a few hundred wide"
    )]
    let most = (width / LETTER).max(4.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

/// About how wide a text is drawn.
pub(super) fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}
