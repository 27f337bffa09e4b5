//! Records of the site: contacts, cases and whatever else it names, which are found by what
//! visitors answer before a chat, or made of it, and attached to the conversation (Chat REST
//! API, `prechatEntities` and `entityFieldMaps`; `docs/PROTOCOL.md`, 5, Records).
//!
//! What must stay true, because anybody may claim to be anybody:
//!
//! - A record is written once. Nothing that a visitor sends changes one that is found.
//! - A visitor is told nothing of a record, not even whether one was found. They are told
//!   one id for each record that a request has made if it was not there, and that id is new
//!   in each conversation: whether two are the same record cannot be seen by it. Of a
//!   record that is only looked for they are told nothing.

mod plan;

use std::collections::BTreeMap;

use parlor_wire::{
    AttachedRecordId, RecordId, ThreadId, limits::RECORDS_MAX, visitor::ChasitorInit,
};

use super::{Refusal, Result, UnitOfWork, access};
use crate::{
    app::App,
    presenter,
    store::{
        Tx,
        row::{Agent, AttachedRecord, Record, RecordOrigin, Thread},
    },
};
use plan::Plan;

/// If more records than one meet what is looked for, so many are attached, and agents choose.
const MATCHES_MAX: usize = 5;

/// Limits what a request asks for.
///
/// # Errors
/// [`Refusal::Invalid`] beyond the limits of `parlor_wire::limits`.
pub(super) fn check(init: &ChasitorInit) -> Result<()> {
    plan::check(init)
}

/// The records of one plan.
struct Resolved {
    plan: Plan,
    origin: RecordOrigin,
    records: Vec<Record>,
}

impl Resolved {
    /// The one record, if it is clear which.
    fn single(&self) -> Option<&Record> {
        match &self.records[..] {
            [record] => Some(record),
            _ => None,
        }
    }
}

/// Finds or makes the records that the request asks for, and attaches them to its thread,
/// which must have been put.
pub(super) async fn attach(
    work: &mut UnitOfWork<'_>,
    init: &ChasitorInit,
    thread: &Thread,
) -> Result<()> {
    let plans = plan::plans(init);
    let (mut resolved, mut left) = (Vec::new(), RECORDS_MAX);
    let count = plans.len();
    for (n, plan) in plans.into_iter().enumerate() {
        // One place is left for each plan after this one.
        let later = count.saturating_sub(n + 1);
        let it = resolve(work, plan, left.saturating_sub(later).min(MATCHES_MAX)).await?;
        left = left.saturating_sub(it.records.len());
        resolved.push(it);
    }
    link(&mut resolved);
    for it in &resolved {
        if it.origin == RecordOrigin::Created {
            for record in &it.records {
                work.tx.put_record(record).await?;
            }
        }
    }
    let mut place = 0;
    for it in resolved {
        let transcript_field = it.plan.transcript_field.clone();
        let transcript_field = transcript_field.filter(|_| it.single().is_some());
        let mut is_told = it.plan.creates();
        for record in it.records {
            let row = AttachedRecord {
                thread_id: thread.id.clone(),
                place,
                id: work.app.entropy.attached_record_id(),
                origin: it.origin,
                show_first: it.origin == RecordOrigin::Created && it.plan.shows_on_create,
                transcript_field: transcript_field.clone(),
                is_told,
                record,
            };
            work.tx.attach_record(&row).await?;
            is_told = false;
            place += 1;
        }
    }
    Ok(())
}

async fn resolve(work: &mut UnitOfWork<'_>, plan: Plan, limit: usize) -> Result<Resolved> {
    let found = match plan.query(limit) {
        Some(query) => work.tx.find_records(&query).await?,
        None => Vec::new(),
    };
    if !found.is_empty() {
        let origin = match plan.searches_by_prefix() {
            true => RecordOrigin::FoundByPrefix,
            false => RecordOrigin::Found,
        };
        return Ok(Resolved {
            plan,
            origin,
            records: found,
        });
    }
    let made = plan.creates().then(|| Record {
        id: work.app.entropy.record_id(),
        entity_name: plan.entity_name.clone(),
        fields: plan.new_fields().into(),
        links: Vec::new(),
        created_at: work.now,
    });
    Ok(Resolved {
        plan,
        origin: RecordOrigin::Created,
        records: made.into_iter().collect(),
    })
}

/// Lets the records that are made name others. One that was found is not changed.
fn link(resolved: &mut [Resolved]) {
    let links: Vec<(plan::Link, RecordId)> = resolved
        .iter()
        .filter_map(|it| Some((it.plan.link.clone()?, it.single()?.id.clone())))
        .collect();
    for (link, id) in links {
        let is_target = |it: &&mut Resolved| {
            it.origin == RecordOrigin::Created && it.plan.entity_name == link.entity_name
        };
        let mut targets = resolved.iter_mut().filter(is_target);
        let target = targets.find_map(|it| it.records.first_mut().filter(|it| it.id != id));
        let Some(target) = target else {
            continue;
        };
        if !target
            .links
            .iter()
            .any(|(name, _)| *name == link.field_name)
        {
            target.links.push((link.field_name, id));
        }
    }
}

/// What the visitor is told (Chat REST API, `attachedRecords`).
pub(super) async fn told(tx: &mut dyn Tx, thread: &ThreadId) -> Result<Vec<AttachedRecordId>> {
    let attached = tx.records_of_threads(std::slice::from_ref(thread)).await?;
    let told = attached.into_iter().filter(|row| row.is_told);
    Ok(told.map(|row| row.id).collect())
}

/// The records of these threads, by thread.
pub(super) async fn of_threads<'a>(
    tx: &mut dyn Tx,
    threads: impl Iterator<Item = &'a Thread>,
) -> Result<BTreeMap<ThreadId, Vec<AttachedRecord>>> {
    let ids: Vec<ThreadId> = threads.map(|thread| thread.id.clone()).collect();
    let mut by_thread: BTreeMap<ThreadId, Vec<AttachedRecord>> = BTreeMap::new();
    for row in tx.records_of_threads(&ids).await? {
        let of_thread = by_thread.entry(row.thread_id.clone()).or_default();
        of_thread.push(row);
    }
    Ok(by_thread)
}

/// One record, as it is attached to a conversation.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown id, [`Refusal::Forbidden`] when the agent may not see
/// the conversation.
pub(crate) async fn load(
    app: &App,
    agent: &Agent,
    id: &AttachedRecordId,
) -> Result<parlor_wire::Record> {
    let mut tx = app.store.read().await?;
    let not_found = || Refusal::NotFound("record");
    let attached = tx.attached_record(id).await?.ok_or_else(not_found)?;
    let thread = tx.thread(&attached.thread_id).await?;
    access::require(agent, thread.ok_or_else(not_found)?.group_id)?;
    let all = tx.records_of_threads(&[attached.thread_id]).await?;
    let mut shown = presenter::agent::records(&all);
    let at = shown.iter().position(|record| record.id == *id);
    at.map(|at| shown.swap_remove(at)).ok_or_else(not_found)
}
