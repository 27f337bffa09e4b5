//! The tables of limits of use and of lists in SECURITY.md are those of the code.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails where something is not as expected"
)]

use std::fmt::Write as _;

use parlor_server::limits::{ANSWER_MAX_BYTES, Limits, Rate};
use parlor_wire::limits::{
    BUTTON_OVERRIDES_MAX, BUTTON_USERS_MAX, BUTTONS_MAX, CALLBACK_TIMES_MAX, DETAIL_FIELDS_MAX,
    FORM_FIELDS_MAX, FORM_OPTIONS_MAX, INITIAL_EVENTS_MAX, MULTI_NOUN_MAX, NAMED_AGENTS_MAX,
    PAGE_LIMIT_MAX, PRECHAT_DETAILS_MAX, RECORDS_MAX, RICH_ELEMENTS_MAX, SESSION_FIELDS_MAX,
    THREAD_TAGS_MAX,
};

#[test]
fn security_md_lists_the_limits_of_use() {
    is_in_security_md(&table(&Limits::default()));
}

#[test]
fn security_md_lists_the_limits_of_lists() {
    let mut table =
        "| of lists in a request (`crates/wire/src/limits.rs`) | at most |\n|---|---|\n".to_owned();
    for (what, max) in [
        ("requests of a `MultiNoun`", MULTI_NOUN_MAX),
        ("pre-chat details, entities", PRECHAT_DETAILS_MAX),
        (
            "transcript fields, fields of records of one of these",
            DETAIL_FIELDS_MAX,
        ),
        ("records of a conversation", RECORDS_MAX),
        ("times of a callback", CALLBACK_TIMES_MAX),
        ("button overrides", BUTTON_OVERRIDES_MAX),
        ("keys that a page says of its visitor", SESSION_FIELDS_MAX),
        ("fields of a form", FORM_FIELDS_MAX),
        ("options of a field", FORM_OPTIONS_MAX),
        ("elements of a rich message", RICH_ELEMENTS_MAX),
        ("buttons of an element", BUTTONS_MAX),
        ("people who have one button pressed", BUTTON_USERS_MAX),
        ("agents that an action names", NAMED_AGENTS_MAX),
        ("events that a conversation begins with", INITIAL_EVENTS_MAX),
        ("tags of a thread", THREAD_TAGS_MAX),
        ("items on a page", PAGE_LIMIT_MAX as usize),
    ] {
        writeln!(table, "| {what} | {max} |").unwrap();
    }
    is_in_security_md(&table);
}

fn is_in_security_md(expected: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../SECURITY.md");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.contains(expected),
        "SECURITY.md should contain\n\n{expected}"
    );
}

fn table(limits: &Limits) -> String {
    // Without `..`: a new limit has to be listed.
    let Limits {
        requests_per_address,
        sessions_per_address,
        requests_per_session,
        signals_per_session,
        pages_per_session,
        uploads_per_session,
        upload_kib_per_session,
        upload_kib_per_deployment,
        open_sessions,
        waiting_chats,
        request_body_bytes,
    } = limits;
    let mut table =
        "| of use (`crates/server/src/limits.rs`) | at once | then |\n|---|---|---|\n".to_owned();
    for (what, rate, unit) in [
        ("requests from an address", requests_per_address, ""),
        ("new sessions from an address", sessions_per_address, ""),
        ("requests of a session", requests_per_session, ""),
        (
            "typing and sneak peeks of a session",
            signals_per_session,
            "",
        ),
        (
            "pages and session fields of a session",
            pages_per_session,
            "",
        ),
        ("files that a session uploads", uploads_per_session, ""),
        ("what a session uploads", upload_kib_per_session, "KiB"),
        (
            "what a deployment's visitors upload",
            upload_kib_per_deployment,
            "KiB",
        ),
    ] {
        let at_once = amount(rate.burst.get().into(), unit);
        writeln!(table, "| {what} | {at_once} | {} |", lasting(rate, unit)).unwrap();
    }
    for (what, max) in [
        ("sessions that are open", open_sessions),
        ("chats that wait for an agent", waiting_chats),
    ] {
        let max = amount(*max as u64, "");
        writeln!(table, "| {what} | {max} | |").unwrap();
    }
    for (what, bytes) in [
        ("bodies of requests in memory", *request_body_bytes),
        ("an answer that is no file", ANSWER_MAX_BYTES),
    ] {
        let bytes = amount(bytes as u64 / 1024, "KiB");
        writeln!(table, "| {what} | {bytes} | |").unwrap();
    }
    table
}

/// The rate that lasts, in the shortest time in which it is a whole number.
fn lasting(rate: &Rate, unit: &str) -> String {
    let (burst, seconds) = (u64::from(rate.burst.get()), rate.refilled_in.as_secs());
    if burst % seconds == 0 && unit.is_empty() {
        return format!("{} a second", amount(burst / seconds, unit));
    }
    let time = match seconds {
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    };
    format!("{} in {time}", amount(burst, unit))
}

/// With a comma for thousands; kibibytes in the largest unit that fits.
fn amount(number: u64, unit: &str) -> String {
    match (number, unit) {
        (kib, "KiB") if kib % (1024 * 1024) == 0 => format!("{} GiB", kib / (1024 * 1024)),
        (kib, "KiB") if kib % 1024 == 0 => format!("{} MiB", kib / 1024),
        (number, _) if number >= 1000 => format!("{},{:03}", number / 1000, number % 1000),
        (number, _) => number.to_string(),
    }
}
