//! The `[[webhook]]` tables of the settings file.

use std::{collections::BTreeSet, time::Duration};

use hyper::header::{HeaderName, HeaderValue};
use parlor_wire::limits::{NAME_MAX_BYTES, URL_MAX_BYTES};
use secrecy::{ExposeSecret as _, SecretSlice};
use url::Url;

use super::{
    SecretSource,
    read::{Result, Table, Value, nearest},
};
use crate::{
    private::Private,
    webhooks::{AGENT_EVENTS, NEW_CHAT_SESSION, STATUS_CHANGED, WebhookConfig, WebhookSecret},
};

/// Some systems, each with a test.
pub(super) const WEBHOOKS_MAX: usize = 16;

/// It stands in lists, logs and metrics.
const NAME_MAX: usize = 32;

/// Enough for credentials, and some that a gateway wants.
const HEADERS_MAX: usize = 20;

/// A request in less is no request.
const TIMEOUT_MIN_S: i64 = 1;

/// Those of the same chat wait for so long when a receiver does not answer.
const TIMEOUT_MAX_S: i64 = 60;

/// What we send ourselves, and what HTTP itself needs.
const RESERVED_HEADERS: [&str; 12] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-hub-signature-256",
    "x-parlor-event",
];

/// Parses a receiver. `before`: those above it in the file.
pub(super) fn webhook(
    table: Table<'_>,
    secrets: &dyn SecretSource,
    before: &[WebhookConfig],
) -> Result<WebhookConfig> {
    let name = table.required("name")?;
    let url = url(&table.required("url")?)?;
    let secret = secret(&table, secrets)?;
    let mut config = WebhookConfig::new(&self::name(&name)?, url, secret);
    if before.iter().any(|known| known.name == config.name) {
        return Err(name.error("another webhook has this name"));
    }
    if let Some(list) = table.value("events") {
        config.events = events(&list)?;
    }
    if let Some(value) = table.value("agents_only_events") {
        config.agents_only_events = value.flag()?;
    }
    if let Some(value) = table.value("headers") {
        config.headers = Private(headers(&value, secrets)?);
    }
    if let Some(value) = table.value("timeout_s") {
        let seconds = value.integer(TIMEOUT_MIN_S..=TIMEOUT_MAX_S)?;
        config.attempt_timeout = Duration::from_secs(seconds.unsigned_abs());
    }
    table.finish()?;
    Ok(config)
}

/// Any name that can be typed on a command line.
fn name(value: &Value<'_>) -> Result<String> {
    let name = value.non_empty_text(NAME_MAX)?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    match name.bytes().all(is_plain) {
        true => Ok(name),
        false => Err(value.error("expected letters, digits, _ and -")),
    }
}

fn url(value: &Value<'_>) -> Result<Url> {
    let text = value.non_empty_text(URL_MAX_BYTES)?;
    let wrong = || value.error("expected an address as https://crm.example/hooks/chat");
    let url = Url::parse(&text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.fragment().is_some() {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(value.error("credentials belong in headers, not in the address"));
    }
    Ok(url)
}

fn secret(table: &Table<'_>, secrets: &dyn SecretSource) -> Result<WebhookSecret> {
    let (value, found) = match (table.value("secret_env"), table.value("secret_file")) {
        (Some(value), None) => {
            let name = value.non_empty_text(NAME_MAX_BYTES)?;
            let found = secrets.read_env(&name);
            (value, found)
        }
        (None, Some(value)) => {
            let path = value.non_empty_text(URL_MAX_BYTES)?;
            let found = secrets.read_file(path.as_ref());
            (value, found)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(table.error("expected secret_env or secret_file, one of them"));
        }
    };
    let found = found.ok_or_else(|| value.error("there is none to be read"))?;
    WebhookSecret::parse(found.expose_secret()).map_err(|why| value.error(why))
}

fn events(list: &Value<'_>) -> Result<BTreeSet<&'static str>> {
    let known = || {
        [NEW_CHAT_SESSION, STATUS_CHANGED]
            .into_iter()
            .chain(AGENT_EVENTS)
    };
    let mut events = BTreeSet::new();
    for value in list.list(known().count())? {
        let word = value.text(NAME_MAX_BYTES)?;
        let event = known().find(|event| *event == word).ok_or_else(|| {
            value.error(match nearest(known(), &word) {
                Some(similar) => format!("there is no such event; did you mean {similar}?"),
                None => "there is no such event: docs/WEBHOOKS.md lists them".to_owned(),
            })
        })?;
        events.insert(event);
    }
    match events.is_empty() {
        true => Err(list.error("expected at least one event")),
        false => Ok(events),
    }
}

/// Names and values; a value is a text, or `{ env = "NAME" }`, or `{ file = "PATH" }`.
fn headers(
    value: &Value<'_>,
    secrets: &dyn SecretSource,
) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let table = value.table()?;
    let entries = table.entries(HEADERS_MAX)?;
    let header = |(key, value): &(String, Value<'_>)| {
        let name: HeaderName = key
            .parse()
            .map_err(|_| value.error("it is not the name of a header"))?;
        if RESERVED_HEADERS.contains(&name.as_str()) {
            return Err(value.error("this header cannot be set"));
        }
        let bytes = header_value(value, secrets)?;
        let mut header = HeaderValue::from_bytes(bytes.expose_secret())
            .map_err(|_| value.error("it is not the value of a header"))?;
        header.set_sensitive(true);
        Ok((name, header))
    };
    entries.iter().map(header).collect()
}

fn header_value(value: &Value<'_>, secrets: &dyn SecretSource) -> Result<SecretSlice<u8>> {
    let Ok(table) = value.table() else {
        return Ok(value.text(URL_MAX_BYTES)?.into_bytes().into());
    };
    let found = match (table.value("env"), table.value("file")) {
        (Some(name), None) => secrets.read_env(&name.non_empty_text(NAME_MAX_BYTES)?),
        (None, Some(path)) => secrets.read_file(path.non_empty_text(URL_MAX_BYTES)?.as_ref()),
        (Some(_), Some(_)) | (None, None) => {
            return Err(value.error("expected a text, env or file"));
        }
    };
    table.finish()?;
    found.ok_or_else(|| value.error("there is none to be read"))
}
