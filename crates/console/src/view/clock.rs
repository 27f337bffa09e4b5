//! Moments in the agent's own language and time zone.

use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::workspace::Millis;

/// `14:03`.
pub(super) fn time(at: Millis) -> String {
    told(at, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `Sunday, 22 November`.
pub(super) fn day(at: Millis) -> String {
    told(
        at,
        &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
    )
}

/// `22 November 2026`.
pub(super) fn date(at: Millis) -> String {
    told(
        at,
        &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
    )
}

/// Day and time to the second.
pub(super) fn full(at: Millis) -> String {
    told(at, &[("dateStyle", "full"), ("timeStyle", "medium")])
}

fn told(at: Millis, wanted: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (key, value) in wanted {
        // Setting a field of a new plain object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    let format = Intl::DateTimeFormat::new(&Array::new(), &options).format();
    let date = Date::new(&JsValue::from_f64(at as f64));
    let told = format.call1(&JsValue::UNDEFINED, &date).ok();
    told.and_then(|told| told.as_string()).unwrap_or_default()
}
