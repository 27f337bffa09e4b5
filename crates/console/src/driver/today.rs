//! The calendar of the browser: which day it is, and in which time zone.

use js_sys::{Array, Date, Intl, Object, Reflect};

use crate::workspace::Day;

/// Today, in the browser's time zone.
pub(crate) fn today() -> Day {
    let now = Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    Day::new(year.into(), month.into(), day.into()).unwrap_or_default()
}

/// The name of the browser's time zone, as `Europe/Berlin`.
pub(crate) fn time_zone() -> Option<String> {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}
