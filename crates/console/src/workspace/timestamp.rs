//! Parses RFC 3339 timestamps to milliseconds. They are used to show times and to count waits;
//! nothing is ordered by them.

use super::Millis;

/// Milliseconds since 1970-01-01 UTC; `None` if the text is not a valid timestamp or is before
/// 1970.
pub fn parse_timestamp(text: &str) -> Option<Millis> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let year: i64 = date.next()?.parse().ok()?;
    let month: i64 = date.next()?.parse().ok()?;
    let day: i64 = date.next()?.parse().ok()?;
    let (time, offset_minutes) = split_offset(time)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':');
    let hour: i64 = time.next()?.parse().ok()?;
    let minute: i64 = time.next()?.parse().ok()?;
    let second: i64 = time.next()?.parse().ok()?;
    let in_range = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut millis: i64 = 0;
    for place in 0..3 {
        let digit = fraction.as_bytes().get(place).map_or(0, |b| b - b'0');
        millis = millis * 10 + i64::from(digit);
    }
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    u64::try_from((minutes * 60 + second) * 1000 + millis).ok()
}

fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, offset) = time.split_at_checked(at)?;
    let (sign, offset) = match offset.strip_prefix('-') {
        Some(offset) => (-1, offset),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = offset.split_once(':')?;
    let minutes = hours.parse::<i64>().ok()?.checked_mul(60)? + minutes.parse::<i64>().ok()?;
    (minutes.abs() <= 24 * 60).then_some((time, sign * minutes))
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap day is
/// the last day of a year.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    let of_calendar = year * 365 + year / 4 - year / 100 + year / 400;
    of_calendar + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse_timestamp;

    #[test]
    fn valid_timestamps() {
        for (text, wanted) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2017-10-12T15:19:21.010200Z", Some(1_507_821_561_010)),
            ("2024-02-29T23:59:59.9Z", Some(1_709_251_199_900)),
            ("2017-10-12T17:19:21.010+02:00", Some(1_507_821_561_010)),
            ("2000-03-01T00:00:00-00:30", Some(951_870_600_000)),
        ] {
            assert_eq!(parse_timestamp(text), wanted, "{text}");
        }
    }

    #[test]
    fn invalid_timestamps() {
        for text in [
            "",
            "yesterday",
            "2017-10-12",
            "2017-13-12T15:19:21Z",
            "2017-10-12T15:19Z",
            "2017-10-12T15:19:21",
            "2017-10-12T15:19:21.+x1Z",
            "1969-12-31T23:59:59Z",
            "99999999999999999999-10-12T15:19:21Z",
            "2017-10-12T15:19:21+9999999999999999:00",
            "é-10-12T15:19:21Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }
}
