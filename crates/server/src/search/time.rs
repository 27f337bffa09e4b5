//! Times in queries: a day, a second, or a moment, each as the range of time that it
//! stands for.

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::{clock::Timestamp, store::archive::TimeRange};

/// The time that a text stands for, from its first to its last microsecond: a date
/// for a day in `zone`, a time without a fraction for a second. A time without a
/// zone is in UTC, as programs write it that leave the zone away.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<TimeRange> {
    // The library is more generous: `20141010` or `2014-10-10 AD` are no dates here.
    let looks_right = text.len() >= 10
        && text.bytes().all(|it| b"0123456789-:.TtZz+ ".contains(&it))
        && text.bytes().take(5).eq(text
            .bytes()
            .take(4)
            .filter(u8::is_ascii_digit)
            .chain([b'-']));
    if !looks_right {
        return None;
    }
    if text.len() == 10 {
        let date: Date = text.parse().ok()?;
        let begin = |date: Date| {
            let begin = date.to_zoned(zone.clone()).ok()?;
            Some(begin.timestamp().as_microsecond())
        };
        return Some(TimeRange {
            from: Timestamp(begin(date)?),
            through: Timestamp(begin(date.tomorrow().ok()?)?.checked_sub(1)?),
        });
    }
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(at) => at,
        Err(_) => {
            let civil: DateTime = text.parse().ok()?;
            civil.to_zoned(TimeZone::UTC).ok()?.timestamp()
        }
    };
    let from = at.as_microsecond();
    let through = match text.contains('.') {
        true => from,
        false => from.checked_add(999_999)?,
    };
    Some(TimeRange {
        from: Timestamp(from),
        through: Timestamp(through),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, zone: &TimeZone) -> Option<(String, String)> {
        let range = read(text, zone)?;
        Some((range.from.to_rfc3339(), range.through.to_rfc3339()))
    }

    #[test]
    fn a_text_stands_for_the_time_that_it_leaves_open() {
        let utc = TimeZone::UTC;
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (text, zone, from, through) in [
            (
                "2014-10-10",
                &utc,
                "2014-10-10T00:00:00.000000Z",
                "2014-10-10T23:59:59.999999Z",
            ),
            (
                "2014-10-10",
                &berlin,
                "2014-10-09T22:00:00.000000Z",
                "2014-10-10T21:59:59.999999Z",
            ),
            // The clocks go back: a day of 25 hours.
            (
                "2014-10-26",
                &berlin,
                "2014-10-25T22:00:00.000000Z",
                "2014-10-26T22:59:59.999999Z",
            ),
            (
                "2016-02-02T16:00:00",
                &berlin,
                "2016-02-02T16:00:00.000000Z",
                "2016-02-02T16:00:00.999999Z",
            ),
            (
                "2016-02-02T16:00:00Z",
                &berlin,
                "2016-02-02T16:00:00.000000Z",
                "2016-02-02T16:00:00.999999Z",
            ),
            (
                "2016-02-02T16:00:00+01:00",
                &utc,
                "2016-02-02T15:00:00.000000Z",
                "2016-02-02T15:00:00.999999Z",
            ),
            (
                "2016-02-02T16:00:00.25Z",
                &utc,
                "2016-02-02T16:00:00.250000Z",
                "2016-02-02T16:00:00.250000Z",
            ),
            (
                "2016-02-02T16:00:00.123456",
                &utc,
                "2016-02-02T16:00:00.123456Z",
                "2016-02-02T16:00:00.123456Z",
            ),
        ] {
            let expected = Some((from.to_owned(), through.to_owned()));
            assert_eq!(range(text, zone), expected, "{text}");
        }
        for text in [
            "",
            "2014",
            "2014-10",
            "2014-13-01",
            "2014-02-30",
            "20141010",
            "2014-10-1",
            "yesterday",
            "2014-10-10T",
            "2014-10-10T25:00:00",
            "99999-01-01",
            "2014-10-10T10:00:00+99:00",
            "２０１４-10-10",
        ] {
            assert_eq!(range(text, &utc), None, "{text}");
        }
    }
}
