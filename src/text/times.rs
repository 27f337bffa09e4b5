//! Formats times and days by the browser's `Intl`. The visitor's region decides between 2:05 PM and
//! 14:05, within the language of the sentences.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
use parlor_session::Millis;
use wasm_bindgen::JsValue;

/// The formatters. Each is created once, because that takes a hundred times as long as using it.
#[derive(Debug)]
pub(crate) struct Times {
    time: Function,
    day: Function,
    moment: Function,
    /// The minute that was formatted last, and its text. The next time is nearly always in the same
    /// minute.
    last: RefCell<(Millis, String)>,
}

const TIME: [(&str, &str); 2] = [("hour", "numeric"), ("minute", "2-digit")];
const DAY: [(&str, &str); 3] = [("weekday", "long"), ("day", "numeric"), ("month", "long")];

impl Times {
    /// The formats of the visitor's `locale`, if it is of the same language as the sentences.
    pub(crate) fn new(language: &str, locale: &str) -> Self {
        let locale = if locale.starts_with(language) {
            locale
        } else {
            language
        };
        let format = |options: &[(&str, &str)]| {
            let object = Object::new();
            for (key, value) in options {
                // A new object accepts every property.
                let _ = Reflect::set(&object, &(*key).into(), &(*value).into());
            }
            DateTimeFormat::new(&Array::of1(&locale.into()), &object).format()
        };
        Self {
            time: format(&TIME),
            day: format(&DAY),
            moment: format(&[DAY.as_slice(), &TIME].concat()),
            last: RefCell::new((Millis::MAX, String::new())),
        }
    }

    /// `2:05 PM`
    pub(crate) fn time(&self, at: Millis) -> String {
        let mut last = self.last.borrow_mut();
        let minute = at / 60_000;
        if last.0 != minute {
            *last = (minute, call(&self.time, at));
        }
        last.1.clone()
    }

    /// `Tuesday, March 4`
    pub(crate) fn day(&self, at: Millis) -> String {
        call(&self.day, at)
    }

    /// `Tuesday, March 4 at 2:05 PM`
    pub(crate) fn moment(&self, at: Millis) -> String {
        call(&self.moment, at)
    }
}

fn call(format: &Function, at: Millis) -> String {
    format
        .call1(&JsValue::NULL, &(at as f64).into())
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// The number of a day in the visitor's time zone, with daylight saving time.
pub(crate) fn local_day(at: Millis) -> i64 {
    let offset = Date::new(&(at as f64).into()).get_timezone_offset();
    (at as i64 - (offset * 60_000.0) as i64).div_euclid(86_400_000)
}
