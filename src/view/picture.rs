//! A picture by its address, in a place that is kept free for it: nothing
//! moves when it arrives.
//!
//! Must stay true: only the web is asked for pictures, and is not told from
//! where.

use super::{
    part::{El, el},
    words::is_of_web,
};

/// How a picture is to be shown.
pub(super) struct Picture<'a> {
    pub(super) address: &'a str,
    /// What is to be seen, in words.
    pub(super) words: &'a str,
    /// In pixels, where both are known.
    pub(super) size: Option<(u64, u64)>,
    /// The largest that it is shown.
    pub(super) within: (u64, u64),
}

/// None where the address is not one that pictures are fetched from.
pub(super) fn picture(it: Picture<'_>) -> Option<El> {
    if !is_of_web(it.address) {
        return None;
    }
    let image = el("img")
        .attr("alt", it.words)
        .attr("loading", "lazy")
        .attr("decoding", "async")
        .attr("referrerpolicy", "no-referrer");
    let image = match it.size {
        Some(size) => {
            let (width, height) = fit(size, it.within);
            image
                .attr("width", &width.to_string())
                .attr("height", &height.to_string())
        }
        None => image,
    };
    // Last, so that it is asked for as the rest says.
    Some(image.attr("src", it.address))
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
