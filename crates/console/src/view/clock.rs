//! Formats times in the agent's language and time zone. Times are milliseconds since 1970.

use js_sys::{Array, Date, Intl, Object, Reflect};
use parlor_wire::agent::ReportInterval;
use wasm_bindgen::JsValue;

use crate::workspace::{Day, Millis};

/// `14:03`.
pub(super) fn time(at: Millis) -> String {
    format(at, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `Sunday, 22 November`.
pub(super) fn day(at: Millis) -> String {
    format(
        at,
        &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
    )
}

/// `22 November 2026`.
pub(super) fn date(at: Millis) -> String {
    format(
        at,
        &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
    )
}

/// `22 Nov`, or of an earlier year `22 Nov 2025`.
pub(super) fn short(at: Millis) -> String {
    let of = |at: f64| Date::new(&JsValue::from_f64(at)).get_full_year();
    let parts = [("day", "numeric"), ("month", "short"), ("year", "numeric")];
    let is_this_year = of(at as f64) == of(Date::now());
    format(at, if is_this_year { &parts[..2] } else { &parts })
}

/// A step of a report by its first day, `2026-11-22`: `22 Nov`, or `Nov 2026`.
pub(super) fn interval(day: &str, interval: &ReportInterval) -> String {
    let at = Day::parse(day).and_then(|day| u64::try_from(day.utc_millis()).ok());
    let Some(at) = at else {
        return day.to_owned();
    };
    let utc = ("timeZone", "UTC");
    match interval {
        ReportInterval::Month => format(at, &[("month", "short"), ("year", "numeric"), utc]),
        _ => format(at, &[("day", "numeric"), ("month", "short"), utc]),
    }
}

/// `22 Nov 2026, 14:03`.
pub(super) fn moment(at: Millis) -> String {
    format(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// `Mon 14:03`, of a moment within some days.
pub(super) fn within_days(at: Millis) -> String {
    format(
        at,
        &[
            ("weekday", "short"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
        ],
    )
}

/// Full date, and time with seconds.
pub(super) fn full(at: Millis) -> String {
    format(at, &[("dateStyle", "full"), ("timeStyle", "medium")])
}

fn format(at: Millis, options_wanted: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (key, value) in options_wanted {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    let formatter = Intl::DateTimeFormat::new(&Array::new(), &options).format();
    let date = Date::new(&JsValue::from_f64(at as f64));
    let text = formatter.call1(&JsValue::UNDEFINED, &date).ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}
