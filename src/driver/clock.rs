//! The device's clock and random numbers, both of which are inputs of the session.

use gloo_timers::callback::Interval;
use parlor_session::Millis;
use web_sys::VisibilityState;

/// Milliseconds between two updates of the clock that the views display, in minutes.
const TICK: u32 = 10_000;

pub(crate) fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Calls `update` with the time: now, and every [`TICK`] while the document is visible.
pub(super) fn tick(update: impl Fn(Millis) + 'static) {
    update(now());
    Interval::new(TICK, move || {
        let document = leptos::prelude::document();
        if document.visibility_state() == VisibilityState::Visible {
            update(now());
        }
    })
    .forget();
}

/// Thirty-two random hexadecimal digits.
pub(super) fn nonce() -> String {
    format!("{:016x}{:016x}", seed(), seed())
}

pub(super) fn seed() -> u64 {
    let mut bytes = [0; 8];
    let filled = leptos::prelude::window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    match filled {
        Ok(_) => u64::from_le_bytes(bytes),
        Err(_) => (js_sys::Math::random() * u64::MAX as f64) as u64 ^ now(),
    }
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use std::collections::HashSet;

    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_nonce_is_thirty_two_hexadecimal_digits_and_new_each_time() {
        let nonces: HashSet<String> = (0..1_000).map(|_| nonce()).collect();
        assert_eq!(nonces.len(), 1_000);
        for nonce in nonces {
            assert_eq!(nonce.len(), 32, "{nonce}");
            assert!(nonce.chars().all(|digit| digit.is_ascii_hexdigit()));
        }
    }

    #[wasm_bindgen_test]
    fn the_clock_is_that_of_the_page() {
        let before = js_sys::Date::now();
        let now = now() as f64;
        assert!(before.trunc() <= now && now <= js_sys::Date::now());
    }
}
