//! Everything that is stored of a customer, as one JSON document (`docs/PRIVACY.md`).
//!
//! It is for the person: also what agents have noted where visitors do not see it is personal
//! data of theirs, and is marked by `"visibility": "agents"`, so that whoever hands the document
//! on can look at it first. Left out is what is of use to the server alone: hashes, keys and the
//! queues of sessions, whose messages are copies of events.

use std::collections::BTreeMap;

use parlor_wire::{CustomerId, event::Event as WireEvent, visitor::CustomDetail};
use serde::Serialize;
use serde_json::Value;

use super::{Refusal, Result};
use crate::{
    clock::Timestamp,
    presenter::{self, Annotations, file_address},
    store::{
        StoreError, Tx,
        row::{AttachedRecord, File, FileOwner, Location, Page, Record, Thread, ThreadDetails},
    },
};

/// Events read at a time.
const PAGE: i64 = 500;

/// See the module. Times are RFC 3339.
#[derive(Serialize)]
pub(crate) struct Export {
    exported_at: String,
    customer: Profile,
    /// The first first.
    conversations: Vec<Conversation>,
    /// The rows of all files, whose bytes are handed out with the document.
    #[serde(skip)]
    pub(crate) files: Vec<File>,
}

impl Export {
    /// # Errors
    /// When something in it is no JSON, which does not happen.
    pub(crate) fn to_json(&self) -> Result<Value> {
        let unwritable = |error: serde_json::Error| StoreError::Corrupt {
            table: "customer",
            reason: error.to_string(),
        };
        Ok(serde_json::to_value(self).map_err(unwritable)?)
    }
}

#[derive(Serialize)]
struct Profile {
    id: CustomerId,
    name: Option<String>,
    email: Option<String>,
    /// Whether the site vouches for the address.
    email_verified: bool,
    /// Whether the site vouches for who they are.
    is_identified: bool,
    first_seen_at: String,
    /// Properties of the chat, which programs of the site have set.
    properties: Option<Value>,
}

#[derive(Serialize)]
struct Conversation {
    id: String,
    deployment_id: Option<String>,
    began_at: String,
    ended_at: Option<String>,
    details: Details,
    /// With the rating.
    properties: Value,
    tags: Vec<String>,
    /// With what agents alone see.
    events: Vec<WireEvent>,
    /// How and when they wanted to be called back.
    callback: Option<parlor_wire::Callback>,
    records: Vec<ExportedRecord>,
    files: Vec<ExportedFile>,
    /// Goals of the site that they have reached.
    conversions: Vec<ExportedConversion>,
}

#[derive(Serialize)]
struct ExportedConversion {
    goal: String,
    reached_at: String,
}

#[derive(Serialize)]
struct ExportedRecord {
    entity_name: String,
    created_at: String,
    fields: Vec<crate::store::row::RecordField>,
}

/// What the visitor's client has reported.
#[derive(Serialize)]
struct Details {
    visitor_name: Option<String>,
    user_agent: Option<String>,
    language: Option<String>,
    screen_resolution: Option<String>,
    /// Their network address, and where it is.
    address: Option<String>,
    location: Option<Location>,
    /// The answers before the chat, also those that agents do not see.
    prechat_details: Vec<CustomDetail>,
    /// The pages that they opened, and the page before.
    pages: Vec<ExportedPage>,
    referrer: Option<String>,
    /// What the site's page has said of them.
    session_fields: Vec<BTreeMap<String, Value>>,
    /// Where the conversation is sent when it ends.
    transcript_to: Option<String>,
}

#[derive(Serialize)]
struct ExportedPage {
    url: String,
    title: Option<String>,
    opened_at: String,
}

impl From<ThreadDetails> for Details {
    fn from(from: ThreadDetails) -> Self {
        let page = |page: Page| ExportedPage {
            url: page.url,
            title: page.title,
            opened_at: Timestamp(page.opened_at).to_rfc3339(),
        };
        Self {
            visitor_name: from.visitor_name,
            user_agent: from.user_agent,
            language: from.language,
            screen_resolution: from.screen_resolution,
            address: from.address,
            location: from.location,
            prechat_details: from.prechat_details,
            pages: from.pages.into_iter().map(page).collect(),
            referrer: from.referrer,
            session_fields: from.session_fields,
            transcript_to: from.transcript_to.map(|address| address.0),
        }
    }
}

/// A file that an event of the conversation names.
#[derive(Serialize)]
struct ExportedFile {
    name: String,
    content_type: String,
    size: i64,
    sent_at: String,
    sent_by: &'static str,
    /// Its path at this server, as in the event.
    url: String,
}

/// Reads everything of a customer from a snapshot.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown customer.
pub(crate) async fn customer(tx: &mut dyn Tx, id: &CustomerId, now: Timestamp) -> Result<Export> {
    let customer = tx.customer(id).await?;
    let customer = customer.ok_or(Refusal::NotFound("customer"))?;
    let chat = tx.chat_of_customer(id).await?;
    let (mut conversations, mut files) = (Vec::new(), Vec::new());
    if let Some(chat) = &chat {
        for thread in tx.threads_of(&chat.id).await? {
            let of_thread = tx.files_of_thread(&thread.id).await?;
            conversations.push(conversation(tx, thread, &of_thread).await?);
            files.extend(of_thread);
        }
    }
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files.dedup_by(|a, b| a.key == b.key);
    Ok(Export {
        exported_at: now.to_rfc3339(),
        customer: Profile {
            id: customer.id,
            name: customer.name.map(|name| name.0),
            email: customer.email.map(|email| email.0),
            email_verified: customer.email_verified,
            is_identified: customer.identity_hash.is_some(),
            first_seen_at: customer.created_at.to_rfc3339(),
            properties: chat.map(|chat| chat.properties),
        },
        conversations,
        files,
    })
}

async fn conversation(tx: &mut dyn Tx, thread: Thread, files: &[File]) -> Result<Conversation> {
    let events = events(tx, &thread).await?;
    let records = tx
        .records_of_threads(std::slice::from_ref(&thread.id))
        .await?;
    let message = tx.offline_message(&thread.id).await?;
    let conversions = tx.conversions_of(std::slice::from_ref(&thread.id)).await?;
    let conversions = conversions.into_iter().map(|row| ExportedConversion {
        goal: row.what.goal_name,
        reached_at: row.what.created_at.to_rfc3339(),
    });
    Ok(Conversation {
        id: thread.id.to_string(),
        deployment_id: thread.deployment_id.map(|id| id.to_string()),
        began_at: thread.created_at.to_rfc3339(),
        ended_at: thread.ended_at.map(Timestamp::to_rfc3339),
        details: thread.details.0.into(),
        properties: thread.properties.0,
        tags: thread.tags,
        events,
        callback: message.and_then(|it| it.callback).map(|it| it.0),
        records: records.into_iter().map(record).collect(),
        files: files.iter().map(file).collect(),
        conversions: conversions.collect(),
    })
}

async fn events(tx: &mut dyn Tx, thread: &Thread) -> Result<Vec<WireEvent>> {
    let ids = std::slice::from_ref(&thread.id);
    let (toggles, properties) = (tx.toggles(ids).await?, tx.event_properties(ids).await?);
    let annotations = Annotations::new(toggles, properties);
    let (mut events, mut after) = (Vec::new(), 0);
    loop {
        let page = tx.events(&thread.id, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(events);
        };
        after = last.number;
        for row in &page {
            events.extend(presenter::readable_event(row, &annotations)?);
        }
    }
}

fn record(row: AttachedRecord) -> ExportedRecord {
    let Record {
        entity_name,
        fields,
        created_at,
        ..
    } = row.record;
    ExportedRecord {
        entity_name,
        created_at: created_at.to_rfc3339(),
        fields: fields.0,
    }
}

fn file(row: &File) -> ExportedFile {
    ExportedFile {
        name: row.name.0.clone(),
        content_type: row.content_type.clone(),
        size: row.size,
        sent_at: row.created_at.to_rfc3339(),
        sent_by: match row.owner {
            FileOwner::Session(_) => "visitor",
            FileOwner::Agent(_) => "agent",
        },
        url: file_address::path(&row.key, crate::files::FileVariant::File),
    }
}
