//! `GET /incremental/chats`: all conversations that have changed since a time, in the
//! order in which they did. The answer is written while it is read from the store, so
//! that it takes no more memory than some conversations.
//!
//! No two conversations have changed at the same time (`store::archive`), so that the
//! next page begins after the last conversation of this one, however many there are of
//! one second. One that changes meanwhile comes again, later.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use parlor_wire::{ThreadId, archive::ArchivedChat};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Object, Ref,
        schema::{AnyOfBuilder, Array, ArrayBuilder},
    },
};

use super::{
    address, archive,
    caller::Program,
    error::{ApiError, Result},
};
use crate::{
    app::App, clock::Timestamp, conversation::archive::ArchivedConversation,
    http::openapi::answers::ArchiveErrors, presenter::archive::Archive,
};

/// The most conversations of a page: programs take a shorter one for the last.
const LIMIT: u16 = 1_000;

/// How many are read at a time.
const AT_ONCE: usize = 50;

/// Names of members in `fields` at most.
const FIELDS_MAX: usize = 50;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// Seconds since 1970, with or without a fraction: conversations that have changed
    /// then or later. `end_time` of the page before.
    start_time: String,
    /// `chats(*)`, or names of members as `chats(id,visitor)`. `chats(*)` when absent.
    fields: Option<String>,
    /// How many conversations the page has at most: 1 to 1000, which is the default.
    limit: Option<u16>,
}

/// A page of the export. It is written bit by bit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExportPage {
    /// With the members that `fields` names, or all.
    #[schema(schema_with = whole_or_some_members)]
    chats: Vec<ArchivedChat>,
    count: i64,
    /// The `start_time` of the next page, also when this is the last one for now.
    end_time: f64,
    /// `null` when this is the last one for now.
    next_page: Option<String>,
}

fn whole_or_some_members() -> Array {
    let whole = Ref::from_schema_name(ArchivedChat::name());
    let some = Object::builder().description(Some("The members that `fields` names."));
    let chat = AnyOfBuilder::new().item(whole).item(some);
    ArrayBuilder::new().items(chat).build()
}

/// Export chats that have changed
#[utoipa::path(
    get,
    path = "/incremental/chats",
    tag = "chats",
    params(ExportQuery),
    responses(
        (status = 200, description = "A page.", body = ExportPage),
        ArchiveErrors,
    ),
)]
pub(super) async fn export(
    State(app): State<Arc<App>>,
    program: Program,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    query: std::result::Result<Query<ExportQuery>, QueryRejection>,
) -> Result<Response> {
    program.require_administrator()?;
    let Query(query) = query.map_err(|_| ApiError::invalid("start_time: expected seconds"))?;
    let since = read_time(&query.start_time)
        .ok_or_else(|| ApiError::invalid("start_time: expected seconds since 1970"))?;
    let fields = query
        .fields
        .as_deref()
        .map_or(Ok(Fields::All), Fields::read)?;
    let limit = query.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT).contains(&limit) {
        return Err(ApiError::invalid(format!("limit: expected 1 to {LIMIT}")));
    }
    let mut tx = app.store.read().await?;
    let archive = archive(&app, tx.as_mut(), &headers, &program).await?;
    drop(tx);
    let page = Page {
        next: format!("{}/incremental/chats", address(&app, &headers, &uri)),
        asked_fields: query.fields,
        archive,
        fields,
        limit: usize::from(limit),
        since,
        count: 0,
        app,
    };
    // The first part is read before anything is sent, so that a fault is an answer.
    let (first, rest) = page.begin().await?;
    let parts = stream::unfold(rest, |page| async {
        match page?.part().await {
            Ok((part, rest)) => Some((Ok(part), rest)),
            // The connection ends in the middle of the answer, which says so.
            Err(_) => Some((Err(std::io::Error::other("the export has failed")), None)),
        }
    });
    let first = stream::iter([Ok::<_, std::io::Error>(first)]);
    let body = Body::from_stream(futures_util::StreamExt::chain(first, parts));
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], body).into_response())
}

/// A page that is written.
struct Page {
    app: Arc<App>,
    archive: Archive,
    fields: Fields,
    limit: usize,
    /// After what has been written.
    since: Timestamp,
    /// How many have been written.
    count: usize,
    /// The address of the next page, without its parameters.
    next: String,
    asked_fields: Option<String>,
}

type Part = (Bytes, Option<Page>);

impl Page {
    async fn begin(self) -> Result<Part> {
        let (part, rest) = self.part().await?;
        let begun = [b"{\"chats\":[", part.as_ref()].concat();
        Ok((begun.into(), rest))
    }

    /// Some conversations, or with the last of them the end of the page.
    async fn part(mut self) -> Result<Part> {
        let wanted = AT_ONCE.min(self.limit - self.count);
        let mut text = Vec::new();
        let mut tx = self.app.store.read().await?;
        let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
        let entries = tx.changed_archive(self.since, limit).await?;
        let ids: Vec<ThreadId> = entries
            .iter()
            .map(|it| it.thread.thread_id.clone())
            .collect();
        let loaded = ArchivedConversation::load_all(tx.as_mut(), &ids).await?;
        drop(tx);
        let by_id: BTreeMap<&ThreadId, Timestamp> = entries
            .iter()
            .map(|entry| (&entry.thread.thread_id, entry.changed_at))
            .collect();
        for conversation in &loaded.conversations {
            let Some(changed_at) = by_id.get(&conversation.thread.id) else {
                continue;
            };
            if self.count > 0 {
                text.push(b',');
            }
            self.count += 1;
            let chat = self.archive.chat(conversation, *changed_at);
            self.fields.write(&chat, &mut text)?;
        }
        let looked_at = loaded.looked_at.min(entries.len());
        if let Some(last) = looked_at.checked_sub(1).and_then(|last| entries.get(last)) {
            self.since = Timestamp(last.changed_at.0.saturating_add(1));
        }
        // None are left that have changed until now.
        let is_last = entries.len() < wanted && looked_at == entries.len();
        let is_full = self.count >= self.limit;
        if !is_last && !is_full {
            return Ok((text.into(), Some(self)));
        }
        text.extend(self.end(is_last).as_bytes());
        Ok((text.into(), None))
    }

    fn end(&self, is_last: bool) -> String {
        let time = seconds(self.since);
        let fields = self.asked_fields.as_deref().map(|fields| {
            let encoded =
                percent_encoding::utf8_percent_encode(fields, percent_encoding::NON_ALPHANUMERIC);
            format!("&fields={encoded}")
        });
        let next = match is_last {
            true => Value::Null,
            false => Value::String(format!(
                "{}?start_time={time}&limit={}{}",
                self.next,
                self.limit,
                fields.unwrap_or_default()
            )),
        };
        let count = self.count;
        format!("],\"count\":{count},\"end_time\":{time},\"next_page\":{next}}}")
    }
}

/// Which members of a record are written.
#[derive(Debug)]
enum Fields {
    All,
    These(Vec<String>),
}

impl Fields {
    fn read(fields: &str) -> Result<Self> {
        let inside = fields
            .strip_prefix("chats(")
            .and_then(|it| it.strip_suffix(')'));
        let inside = inside
            .ok_or_else(|| ApiError::invalid("fields: expected chats(*) or chats(id,visitor,…)"))?;
        let names: Vec<String> = inside.split(',').map(|it| it.trim().to_owned()).collect();
        if names.len() > FIELDS_MAX {
            return Err(ApiError::invalid(format!("fields: more than {FIELDS_MAX}")));
        }
        Ok(match names.iter().any(|name| name == "*") {
            true => Self::All,
            false => Self::These(names),
        })
    }

    fn write(&self, chat: &ArchivedChat, text: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::All => serde_json::to_writer(text, chat)?,
            Self::These(names) => {
                let mut value = serde_json::to_value(chat)?;
                if let Value::Object(members) = &mut value {
                    members.retain(|name, _| names.iter().any(|it| it == name));
                }
                serde_json::to_writer(text, &value)?;
            }
        }
        Ok(())
    }
}

/// Seconds with up to six decimals, which a program can give back as they are.
fn seconds(at: Timestamp) -> String {
    let (seconds, micros) = (at.0.div_euclid(1_000_000), at.0.rem_euclid(1_000_000));
    match micros {
        0 => seconds.to_string(),
        _ => format!("{seconds}.{micros:06}"),
    }
}

/// Microseconds of such a text; times far away are the first and the last there are.
fn read_time(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if seconds.is_empty() || !are_digits(seconds) || !are_digits(fraction) {
        return None;
    }
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    // Only a number that is too large cannot be read.
    let seconds = seconds.parse::<i64>().unwrap_or(i64::MAX);
    let at = seconds.saturating_mul(1_000_000);
    Some(Timestamp(at.saturating_add(micros.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_given_back_as_they_are() {
        for micros in [0, 1, 999_999, 1_000_000, 1_700_000_000_123_456] {
            let at = Timestamp(micros);
            assert_eq!(read_time(&seconds(at)), Some(at), "{micros}");
        }
        for (text, expected) in [
            ("1700000000", Some(1_700_000_000_000_000)),
            ("1700000000.5", Some(1_700_000_000_500_000)),
            ("1700000000.1234567", Some(1_700_000_000_123_456)),
            ("99999999999999999999", Some(i64::MAX)),
            ("1.", Some(1_000_000)),
            ("", None),
            (".5", None),
            ("-1", None),
            ("1e3", None),
            ("soon", None),
        ] {
            assert_eq!(read_time(text).map(|it| it.0), expected, "{text}");
        }
    }
}
