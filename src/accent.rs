//! Derives readable colours from the deployment's accent colour: text on the accent, and text in the
//! accent colour, have a contrast of at least 4.5 (WCAG 2.2, 1.4.3). The style sheet reads them as
//! custom properties, and has the defaults.

use crate::erased::effect;
use leptos::prelude::*;
use parlor_session::Shared;
use parlor_wire::visitor::Welcome;
use wasm_bindgen::JsCast;

/// The least contrast between text and its background.
const READABLE: f64 = 4.5;

/// The backgrounds of accent-coloured text that are the hardest to read on, from `style/tokens.css`:
/// the darkest of the light scheme and the lightest of the dark scheme.
const LIGHT_SURFACE: Rgb = Rgb([0xf3, 0xf4, 0xf6]);
const DARK_SURFACE: Rgb = Rgb([0x2a, 0x2d, 0x34]);

const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);

/// Sets the custom properties once the deployment's settings have arrived.
pub(crate) fn follow(welcome: RwSignal<Option<Shared<Welcome>>>) {
    effect(move || {
        let accent = welcome.with(|welcome| {
            welcome
                .as_ref()?
                .accent_color
                .as_deref()
                .and_then(Rgb::read)
        });
        let root = document().document_element();
        let (Some(accent), Some(root)) = (accent, root) else {
            return;
        };
        let Ok(root) = root.dyn_into::<web_sys::HtmlElement>() else {
            return;
        };
        for (name, color) in [
            ("--accent", accent),
            ("--on-accent", text_on(accent)),
            ("--accent-ink-light", ink(accent, LIGHT_SURFACE)),
            ("--accent-ink-dark", ink(accent, DARK_SURFACE)),
        ] {
            // The name and the value are valid.
            let _ = root.style().set_property(name, &color.written());
        }
    });
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Rgb([u8; 3]);

impl Rgb {
    /// `#rrggbb`
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    fn written(self) -> String {
        let Self([red, green, blue]) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// WCAG's relative luminance.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                power_2_4((channel + 0.055) / 1.055)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// Mixes in the other colour, in twentieths.
    fn towards(self, other: Self, twentieths: u32) -> Self {
        let mut mixed = self;
        for (channel, other) in mixed.0.iter_mut().zip(other.0) {
            let sum = u32::from(*channel) * (20 - twentieths) + u32::from(other) * twentieths;
            *channel = (sum / 20) as u8;
        }
        mixed
    }
}

/// `base.powf(2.4)` by square roots, each of which is one instruction of WebAssembly; `powf` would
/// add a library to the document. 0.4 is 0.0110 0110 0110… in binary, and six of these groups are
/// exact to seven digits.
fn power_2_4(base: f64) -> f64 {
    let (mut power, mut root) = (base * base, base);
    for _ in 0..6 {
        root = root.sqrt().sqrt();
        power *= root;
        root = root.sqrt();
        power *= root;
        root = root.sqrt();
    }
    power
}

/// White, or black if white has too little contrast. One of them always has enough: the worst case
/// is 4.58.
fn text_on(accent: Rgb) -> Rgb {
    if accent.contrast(WHITE) >= READABLE {
        WHITE
    } else {
        BLACK
    }
}

/// The accent as the colour of text on a surface: darkened or lightened until it is readable.
fn ink(accent: Rgb, surface: Rgb) -> Rgb {
    let end = if surface.luminance() > 0.5 {
        BLACK
    } else {
        WHITE
    };
    (0..=20)
        .map(|step| accent.towards(end, step))
        .find(|ink| ink.contrast(surface) >= READABLE)
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        assert_eq!(Rgb::read("#2f54d4"), Some(Rgb([0x2f, 0x54, 0xd4])));
        assert_eq!(Rgb([0x2f, 0x54, 0x04]).written(), "#2f5404");
        for bad in ["", "#fff", "2f54d4", "#2f54dx", "#2f54d4ff", "#é2f5d"] {
            assert_eq!(Rgb::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_approximated_power_is_exact_to_seven_digits() {
        for base in (0..=100).map(|percent| f64::from(percent) / 100.0) {
            let error = power_2_4(base) - base.powf(2.4);
            assert!(error.abs() < 1e-7, "{base}: {error}");
        }
    }

    #[test]
    fn text_on_and_in_every_accent_is_readable() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Rgb([red, green, blue]);
                    assert!(accent.contrast(text_on(accent)) >= READABLE, "{accent:?}");
                    for surface in [LIGHT_SURFACE, DARK_SURFACE] {
                        let ink = ink(accent, surface);
                        assert!(ink.contrast(surface) >= READABLE, "{accent:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_readable_accent_is_not_changed() {
        let accent = Rgb([0x2f, 0x54, 0xd4]);
        assert_eq!(ink(accent, LIGHT_SURFACE), accent);
        assert_eq!(text_on(accent), WHITE);
        assert_eq!(text_on(Rgb([0xff, 0xd4, 0x00])), BLACK);
    }
}
