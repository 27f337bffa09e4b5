//! A picture by its address, in a place that is kept free for it: nothing
//! moves when it arrives.
//!
//! Must stay true: pictures are fetched from the web alone, and without a referrer.

use leptos::prelude::*;

use super::address::is_of_web;
use crate::erased::{Built, IntoBuilt};

/// Nothing where the address is not one that pictures are fetched from; callers that show
/// something else instead ask [`is_of_web`] first.
#[component]
pub(super) fn Picture(
    #[prop(optional)] class: Option<&'static str>,
    address: String,
    /// The same picture for screens of twice the density.
    #[prop(optional_no_strip)]
    dense: Option<String>,
    /// What is to be seen, in words; empty for decoration.
    words: String,
    /// In pixels, where both are known.
    size: Option<(u64, u64)>,
    /// The largest that it is shown, in pixels.
    within: (u64, u64),
) -> impl IntoView {
    if !is_of_web(&address) {
        return Built::nothing();
    }
    let (width, height) = size.map(|size| fit(size, within)).unzip();
    let srcset = dense
        .filter(|dense| is_of_web(dense))
        .map(|dense| format!("{address} 1x, {dense} 2x"));
    view! {
        // The address comes last: the browser begins to fetch with what it knows by then.
        <img
            class=class
            alt=words
            loading="lazy"
            decoding="async"
            referrerpolicy="no-referrer"
            width=width.map(|pixels| pixels.to_string())
            height=height.map(|pixels| pixels.to_string())
            srcset=srcset
            src=address
        />
    }
    .built()
}

/// Both sides, where they are known and make a picture.
pub(super) fn size(width: Option<u64>, height: Option<u64>) -> Option<(u64, u64)> {
    width
        .zip(height)
        .filter(|(width, height)| *width > 0 && *height > 0)
}

/// The same ratio, no larger than it is and than `within`.
fn fit((width, height): (u64, u64), within: (u64, u64)) -> (u64, u64) {
    let narrow = width.min(within.0);
    // Exact for any picture that there is, and of the right order for all others.
    let scaled = |side: u64, by: u64, of: u64| {
        let scaled = side as f64 * by as f64 / of as f64;
        (scaled as u64).max(1)
    };
    let low = scaled(height, narrow, width);
    if low <= within.1 {
        return (narrow, low);
    }
    (scaled(width, within.1, height).min(within.0), within.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_ratio_and_is_never_made_larger() {
        assert_eq!(fit((100, 50), (260, 320)), (100, 50));
        assert_eq!(fit((2_600, 1_300), (260, 320)), (260, 130));
        assert_eq!(fit((1_000, 4_000), (260, 320)), (80, 320));
        assert_eq!(fit((u64::MAX, 1), (260, 320)), (260, 1));
        assert_eq!(fit((1, u64::MAX), (260, 320)), (1, 320));
    }

    #[test]
    fn what_has_no_extent_has_no_size() {
        assert_eq!(size(Some(0), Some(10)), None);
        assert_eq!(size(None, Some(10)), None);
    }
}
