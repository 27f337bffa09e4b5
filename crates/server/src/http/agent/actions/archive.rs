//! `search_archive`, `update_archived_thread` and `get_archive_report`: the archive as
//! agents see it, each those of their groups.

use std::collections::BTreeMap;

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use parlor_wire::{
    AgentId, ThreadId,
    agent::{
        ArchiveReport, Done, ExcerptPart, FoundArchive, FoundThread, GetArchiveReport,
        ReportInterval, ReportRow, SearchArchive, ThreadRating as WireRating, UpdateArchivedThread,
    },
    archive::ChatUpdate,
};

use super::super::error::{ApiError, Result};
use crate::{
    app::App,
    clock::Timestamp,
    conversation::{UnitOfWork, access, archive::ArchivedConversation, archive_changes},
    search::{Excerpt, Part, excerpt, parse, terms},
    store::{
        Tx,
        archive::{
            ArchiveEntry, ArchiveFilter, ArchiveKind, ArchivePage, ArchiveQuery, ReportKey,
            ReportQuery, ReportSums, ThreadRating, TimeRange,
        },
        row::{ALL_AGENTS, Agent, Visibility},
    },
};

/// How many results a page has at most, and if nothing else is asked for.
const LIMIT_MAX: u64 = 100;
const LIMIT: u64 = 50;

/// The most results that are counted.
const COUNTED_MAX: i64 = 10_000;

/// The longest excerpt in bytes: two lines.
const EXCERPT_MAX_BYTES: usize = 220;

/// The most intervals of a report: a year of days.
const INTERVALS_MAX: usize = 400;

pub(super) async fn search(
    app: &App,
    agent: &Agent,
    request: SearchArchive,
) -> Result<FoundArchive> {
    let limit = request.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::validation(format!(
            "limit: expected 1 to {LIMIT_MAX}"
        )));
    }
    let asked = parse(&request.query, &app.config.archive.time_zone)
        .map_err(|error| ApiError::validation(format!("query, {error}")))?;
    let page = match &request.page_id {
        None => ArchivePage::Newest { without: 0 },
        Some(id) => {
            let number = id.parse().ok().filter(|number| *number >= 0);
            let number =
                number.ok_or_else(|| ApiError::validation("page_id: not a page of this list"))?;
            ArchivePage::Below(number)
        }
    };
    let limit = usize::try_from(limit).unwrap_or(1);
    let groups = ArchiveFilter::Groups(agent.visible_groups());
    let filter = match asked.clone() {
        ArchiveFilter::All(mut parts) => {
            parts.push(groups);
            ArchiveFilter::All(parts)
        }
        one => ArchiveFilter::All(vec![one, groups]),
    };
    let query = ArchiveQuery {
        filter,
        searches_private: true,
        page,
        // One more shows whether there is another page.
        limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
    };
    let mut tx = app.store.read().await?;
    let mut found = tx.search_archive(&query).await?;
    let counted = ArchiveQuery {
        limit: COUNTED_MAX,
        ..query
    };
    let total = tx.count_archive(&counted).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let results = results(tx.as_mut(), &found, &terms(&asked)).await?;
    Ok(FoundArchive {
        results,
        total: u64::try_from(total).unwrap_or(0),
        next_page_id: found
            .last()
            .filter(|_| has_more)
            .map(|entry| entry.number.to_string()),
    })
}

async fn results(
    tx: &mut dyn Tx,
    found: &[ArchiveEntry],
    terms: &[&str],
) -> Result<Vec<FoundThread>> {
    let groups = tx.groups().await?;
    let agents = tx.agents().await?;
    let names: BTreeMap<&AgentId, &str> = agents
        .iter()
        .map(|agent| (&agent.id, agent.name.as_str()))
        .collect();
    let mut results = Vec::with_capacity(found.len());
    let mut left = found;
    while !left.is_empty() {
        let ids: Vec<ThreadId> = left.iter().map(|it| it.thread.thread_id.clone()).collect();
        let loaded = ArchivedConversation::load_all(tx, &ids).await?;
        left = left.get(loaded.looked_at.max(1)..).unwrap_or_default();
        for conversation in &loaded.conversations {
            let thread = &conversation.thread;
            let entry = found.iter().find(|it| it.thread.thread_id == thread.id);
            let Some(ArchiveEntry { thread: row, .. }) = entry else {
                continue;
            };
            let group = groups.iter().find(|it| it.id == row.group_id);
            let named = row.agent_ids.iter().filter_map(|id| names.get(id));
            results.push(FoundThread {
                chat_id: thread.chat_id.clone(),
                thread_id: thread.id.clone(),
                is_message: row.kind == ArchiveKind::OfflineMessage,
                created_at: row.created_at.to_rfc3339(),
                ended_at: row.ended_at.to_rfc3339(),
                name: conversation.visitor_name().map(str::to_owned),
                agent_names: named.map(|name| (*name).to_owned()).collect(),
                group_name: group.map(|group| group.name.clone()),
                rating: row.rating.map(|rating| match rating {
                    ThreadRating::Good => WireRating::Good,
                    ThreadRating::Bad => WireRating::Bad,
                }),
                missed: row.is_missed,
                unread: row.is_unread,
                tags: thread.tags.clone(),
                excerpt: shown(conversation, terms)
                    .into_iter()
                    .map(|Part { text, is_match }| ExcerptPart {
                        text,
                        found: is_match,
                    })
                    .collect(),
            });
        }
    }
    Ok(results)
}

/// The first text with one of the terms, or the beginning of the first message.
fn shown(conversation: &ArchivedConversation, terms: &[&str]) -> Excerpt {
    let texts = || {
        let said = conversation.events.iter().filter(|(_, event)| {
            !matches!(event.body, parlor_wire::event::EventBody::SystemMessage(_))
        });
        said.map(|(row, event)| (row.visibility, event.body.text_form()))
    };
    let found = texts().find_map(|(_, text)| excerpt(&text, terms, EXCERPT_MAX_BYTES));
    found.unwrap_or_else(|| {
        let mut visible =
            texts().filter(|(visibility, text)| *visibility == Visibility::All && !text.is_empty());
        let first = visible.next().map(|(_, text)| text).unwrap_or_default();
        let end = first.floor_char_boundary(EXCERPT_MAX_BYTES.min(first.len()));
        let mut text = first.get(..end).unwrap_or_default().to_owned();
        if end < first.len() {
            text.push('…');
        }
        let is_match = false;
        vec![Part { text, is_match }]
    })
}

pub(super) async fn update(
    app: &App,
    agent: &Agent,
    request: UpdateArchivedThread,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let thread = archive_changes::archived_thread(&mut work, &request.thread_id).await?;
    access::require(agent, thread.group_id)?;
    let update = ChatUpdate {
        unread: Some(request.unread),
        ..ChatUpdate::default()
    };
    archive_changes::update(&mut work, &request.thread_id, &update).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn report(
    app: &App,
    agent: &Agent,
    request: GetArchiveReport,
) -> Result<ArchiveReport> {
    let zone = match &request.time_zone {
        None => app.config.archive.time_zone.clone(),
        Some(name) => TimeZone::get(name)
            .map_err(|_| ApiError::validation("time_zone: expected a name as Europe/Berlin"))?,
    };
    let days = days(&request)?;
    let intervals: Vec<TimeRange> = days
        .windows(2)
        .filter_map(|pair| match pair {
            [from, next] => range(*from, *next, &zone),
            _ => None,
        })
        .collect();
    if intervals.len() + 1 != days.len() {
        return Err(ApiError::validation("from, to: too far away"));
    }
    let groups = access::visible_of(agent, request.group_ids.as_ref());
    let query = ReportQuery {
        groups,
        agent: request.agent_id,
        intervals,
    };
    let mut tx = app.store.read().await?;
    let sums = tx.archive_report(&query).await?;
    let agents = tx.agents().await?;
    let groups = tx.groups().await?;
    let mut report = ArchiveReport::default();
    for (n, day) in days.iter().take(days.len() - 1).enumerate() {
        let found = sums.iter().find(|(key, _)| *key == ReportKey::Interval(n));
        let sums = found.map(|(_, sums)| *sums).unwrap_or_default();
        let day = day.to_string();
        report.intervals.push(row(&day, &day, sums));
    }
    for (key, sums) in sums {
        match key {
            ReportKey::Interval(_) => {}
            ReportKey::Total => report.total = row("", "", sums),
            ReportKey::Agent(id) => {
                let name = agents.iter().find(|agent| agent.id == id);
                let name = name.map_or(id.as_str(), |agent| agent.name.as_str());
                report.agents.push(row(id.as_str(), name, sums));
            }
            ReportKey::Group(id) => {
                let name = groups.iter().find(|group| group.id == id);
                let name = match name {
                    Some(group) => group.name.as_str(),
                    None if id == ALL_AGENTS => "All agents",
                    None => "",
                };
                report.groups.push(row(&id.to_string(), name, sums));
            }
        }
    }
    for rows in [&mut report.agents, &mut report.groups] {
        rows.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Ok(report)
}

/// The first days of the intervals, and the day after the last.
fn days(request: &GetArchiveReport) -> Result<Vec<Date>> {
    let day = |name: &str, text: &str| -> Result<Date> {
        let date = text.parse().ok().filter(|_| text.len() == 10);
        date.ok_or_else(|| ApiError::validation(format!("{name}: expected a day as 2026-11-01")))
    };
    let (from, to) = (day("from", &request.from)?, day("to", &request.to)?);
    if to < from {
        return Err(ApiError::validation("to: before from"));
    }
    let too_far = |_| ApiError::validation("from, to: too far away");
    let after = to.tomorrow().map_err(too_far)?;
    let mut days = vec![from];
    let mut next = from;
    loop {
        next = match &request.interval {
            None | Some(ReportInterval::Day) => next.tomorrow(),
            Some(ReportInterval::Week) => next.nth_weekday(1, Weekday::Monday),
            Some(ReportInterval::Month) => next.first_of_month().checked_add(1.month()),
            Some(ReportInterval::Other(_)) => {
                return Err(ApiError::validation(
                    "interval: expected day, week or month",
                ));
            }
        }
        .map_err(too_far)?;
        if next >= after {
            days.push(after);
            return Ok(days);
        }
        days.push(next);
        if days.len() > INTERVALS_MAX {
            return Err(ApiError::validation(format!(
                "from, to: more than {INTERVALS_MAX} intervals"
            )));
        }
    }
}

/// From the beginning of a day to that of another.
fn range(from: Date, next: Date, zone: &TimeZone) -> Option<TimeRange> {
    let begin = |date: Date| {
        let begin = date.to_zoned(zone.clone()).ok()?;
        Some(begin.timestamp().as_microsecond())
    };
    Some(TimeRange {
        from: Timestamp(begin(from)?),
        through: Timestamp(begin(next)?.checked_sub(1)?),
    })
}

fn row(key: &str, name: &str, sums: ReportSums) -> ReportRow {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    // Sums of milliseconds are far below what has no fraction any more.
    let average = |ms: i64, of: i64| (of > 0).then(|| ms as f64 / of as f64 / 1_000.0);
    ReportRow {
        key: key.to_owned(),
        name: name.to_owned(),
        chats: count(sums.chats),
        messages: count(sums.messages),
        missed: count(sums.missed),
        good: count(sums.good),
        bad: count(sums.bad),
        first_response_s: average(sums.first_response_ms, sums.answered),
        response_s: average(sums.response_ms, sums.responses),
        duration_s: average(sums.duration_ms, sums.chats - sums.missed),
    }
}
