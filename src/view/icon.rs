//! Line icons on a grid of 24, in the colour of the text around them.

use super::part::{Part, svg};

pub(super) const BACK: &str = "M15 5l-7 7 7 7";
pub(super) const DOWN: &str = "M6 9l6 6 6-6";
pub(super) const MORE: &str = "M4.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M18.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0";
pub(super) const SEND: &str = "M12 20V5M5 12l7-7 7 7";
pub(super) const ARROW: &str = "M5 12h14M13 6l6 6-6 6";

pub(super) fn icon(path: &'static str) -> Part {
    svg("svg")
        .attr("class", "icon")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(svg("path").attr("d", path))
        .into()
}
