//! The archive. Searches look at every row.

use std::sync::Arc;

use parlor_wire::id::ThreadId;

use super::state::{State, at_most, orphan};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        archive::{
            ArchiveEntry, ArchiveFilter, ArchivePage, ArchiveQuery, ArchiveText, ArchivedThread,
            ReportKey, ReportQuery, ReportSums, TextField, TimeRange, searched_phrase,
            searched_text,
        },
        row::ThreadStatus,
    },
};

#[derive(Debug)]
pub(super) struct Archived {
    entry: ArchiveEntry,
    text: ArchiveText,
}

impl Archived {
    fn meets(&self, filter: &ArchiveFilter, private: bool) -> bool {
        let thread = &self.entry.thread;
        match filter {
            ArchiveFilter::All(parts) => parts.iter().all(|it| self.meets(it, private)),
            ArchiveFilter::Any(parts) => parts.iter().any(|it| self.meets(it, private)),
            ArchiveFilter::Not(part) => !self.meets(part, private),
            ArchiveFilter::Text { field, phrase } => {
                let phrase = searched_phrase(phrase);
                let mut texts = self.texts(*field, private).into_iter();
                texts.any(|text| searched_text(text).contains(&phrase))
            }
            ArchiveFilter::Kind(kind) => thread.kind == *kind,
            ArchiveFilter::Rating(rating) => thread.rating == Some(*rating),
            ArchiveFilter::CreatedAt(range) => {
                (range.from..=range.through).contains(&thread.created_at)
            }
            ArchiveFilter::EndedAt(range) => {
                (range.from..=range.through).contains(&thread.ended_at)
            }
            ArchiveFilter::IsMissed(is_missed) => thread.is_missed == *is_missed,
            ArchiveFilter::IsUnread(is_unread) => thread.is_unread == *is_unread,
            ArchiveFilter::Groups(groups) => groups.contains(&thread.group_id),
            ArchiveFilter::Agent(agent) => thread.agent_ids.contains(agent),
        }
    }

    fn texts(&self, field: Option<TextField>, private: bool) -> Vec<&str> {
        let text = &self.text;
        match field {
            Some(TextField::AgentNames) => vec![&text.agent_names.0],
            Some(TextField::VisitorName) => vec![&text.visitor_name.0],
            Some(TextField::VisitorEmail) => vec![&text.visitor_email.0],
            Some(TextField::DepartmentName) => vec![&text.department_name],
            Some(TextField::Tags) => vec![&text.tags.0],
            None => {
                let mut texts = vec![
                    text.agent_names.0.as_str(),
                    &text.visitor_name.0,
                    &text.visitor_email.0,
                    &text.department_name,
                    &text.tags.0,
                    &text.words.0,
                ];
                texts.extend(private.then_some(text.private_words.0.as_str()));
                texts
            }
        }
    }
}

impl State {
    pub(super) fn put_archived(
        &mut self,
        row: &ArchivedThread,
        text: &ArchiveText,
        changed_at: Timestamp,
    ) -> Result<()> {
        if !self.threads.contains_key(&row.thread_id) {
            return Err(orphan("archived_thread.thread_id"));
        }
        let number = match self.archive_numbers.get(&row.thread_id) {
            Some(number) => *number,
            None => {
                self.archive_number += 1;
                self.archive_number
            }
        };
        let newest = self.archive.values().map(|it| it.entry.changed_at.0).max();
        let after = Timestamp(newest.map_or(1, |newest| newest + 1));
        let entry = ArchiveEntry {
            number,
            changed_at: changed_at.max(after),
            thread: row.clone(),
        };
        let text = text.clone();
        self.archive_numbers.insert(row.thread_id.clone(), number);
        self.archive
            .insert(number, Arc::new(Archived { entry, text }));
        Ok(())
    }

    pub(super) fn delete_archived(&mut self, thread: &ThreadId) {
        if let Some(number) = self.archive_numbers.remove(thread) {
            self.archive.remove(&number);
        }
    }

    pub(super) fn archived(&self, threads: &[ThreadId]) -> Vec<ArchiveEntry> {
        let numbers = threads.iter().filter_map(|id| self.archive_numbers.get(id));
        let rows = numbers.filter_map(|number| self.archive.get(number));
        rows.map(|row| row.entry.clone()).collect()
    }

    pub(super) fn search_archive(&self, q: &ArchiveQuery) -> Vec<ArchiveEntry> {
        let found = |row: &&Arc<Archived>| row.meets(&q.filter, q.searches_private);
        let rows = self.archive.values();
        let rows: Vec<&Arc<Archived>> = match q.page {
            ArchivePage::Newest { without } => {
                let mut found: Vec<_> = rows.rev().filter(found).collect();
                let without = at_most(without).min(found.len());
                found.split_off(without)
            }
            ArchivePage::Below(number) => {
                let below = rows.rev().filter(|row| row.entry.number < number);
                below.filter(found).collect()
            }
            ArchivePage::Above(number) => {
                let above = rows.filter(|row| row.entry.number > number);
                above.filter(found).collect()
            }
        };
        let rows = rows.into_iter().take(at_most(q.limit));
        rows.map(|row| row.entry.clone()).collect()
    }

    pub(super) fn count_archive(&self, q: &ArchiveQuery) -> i64 {
        let rows = self.archive.values();
        let found = rows.filter(|row| row.meets(&q.filter, q.searches_private));
        i64::try_from(found.take(at_most(q.limit)).count()).unwrap_or(i64::MAX)
    }

    pub(super) fn changed_archive(&self, since: Timestamp, limit: i64) -> Vec<ArchiveEntry> {
        let rows = self.archive.values().map(|row| &row.entry);
        let mut rows: Vec<_> = rows
            .filter(|row| row.changed_at >= since)
            .cloned()
            .collect();
        rows.sort_by_key(|row| row.changed_at);
        rows.truncate(at_most(limit));
        rows
    }

    pub(super) fn archive_report(&self, q: &ReportQuery) -> Vec<(ReportKey, ReportSums)> {
        let mut report = vec![(ReportKey::Total, ReportSums::default())];
        let mut add = |key: ReportKey, thread: &ArchivedThread| match report
            .iter_mut()
            .find(|(known, _)| *known == key)
        {
            Some((_, sums)) => sums.add(thread),
            None => {
                let mut sums = ReportSums::default();
                sums.add(thread);
                report.push((key, sums));
            }
        };
        for row in self.archive.values() {
            let thread = &row.entry.thread;
            let is_in = |it: &TimeRange| (it.from..=it.through).contains(&thread.created_at);
            let Some(interval) = q.intervals.iter().position(is_in) else {
                continue;
            };
            let took_part = |agent| thread.agent_ids.contains(agent);
            if !q.groups.contains(&thread.group_id) || !q.agent.as_ref().is_none_or(took_part) {
                continue;
            }
            add(ReportKey::Total, thread);
            add(ReportKey::Interval(interval), thread);
            add(ReportKey::Group(thread.group_id), thread);
            for agent in &thread.agent_ids {
                add(ReportKey::Agent(agent.clone()), thread);
            }
        }
        report
    }

    pub(super) fn unarchived_threads(&self, after: Option<&ThreadId>, limit: i64) -> Vec<ThreadId> {
        let threads = self.threads.values();
        let missing = threads
            .filter(|row| row.status == ThreadStatus::Ended)
            .map(|row| &row.id)
            .filter(|id| after.is_none_or(|after| *id > after))
            .filter(|id| !self.archive_numbers.contains_key(*id));
        missing.take(at_most(limit)).cloned().collect()
    }
}
