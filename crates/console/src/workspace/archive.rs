//! The archive: conversations that are over are searched for, and listed page by page. The query is
//! sent as the agent wrote it; filters are conditions in it. A late reply to an earlier search is
//! dropped.

mod export;
mod opened;
mod query;
mod suggestions;

use std::collections::BTreeSet;
use std::sync::Arc;

use parlor_wire::agent::{FoundArchive, FoundThread, SearchArchive, ThreadRating};
use parlor_wire::{ChatId, ThreadId};

pub use export::ExportKind;
pub use opened::{ArchivedChat, RatingView};
pub use query::Field;
pub use suggestions::{Meaning, Names, Suggestion};

use super::{
    Call, Day, Fault, Millis, Output, PendingCall, Reply, ViewPart, Workspace, limits,
    parse_timestamp,
};

/// A part of the page; one of them is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// The lists of chats, and the open chat.
    #[default]
    Chats,
    /// The archive, and the conversation that is open in it.
    Archive,
    /// The reports.
    Reports,
}

/// What the agent does in the archive.
#[derive(Debug, Clone, PartialEq)]
pub enum ArchiveIntent {
    /// The text of the search box changed to this, with the caret at this byte.
    Write(String, usize),
    /// Show what can come at the caret, which is at this byte.
    Suggest(usize),
    /// Highlight the next suggestion.
    HighlightNext,
    /// Highlight the previous suggestion.
    HighlightPrevious,
    /// Put the suggestion at this index into the query.
    Pick(usize),
    /// Hide the suggestions.
    DismissSuggestions,
    /// Enter in the search box: put the highlighted suggestion into the query, or search.
    PressEnter,
    /// Search for this condition too, or without one for this field.
    Filter(Field, Option<String>),
    /// Search for everything again.
    ClearQuery,
    /// Load the next results, or those that could not be loaded.
    LoadMore,
    /// Open this conversation.
    Open(ChatId, ThreadId),
    /// Close the open one.
    Close,
    /// Load the open one again, which could not be loaded.
    LoadAgain,
    /// Mark the open one as unread (true), or as read.
    MarkUnread(bool),
    /// Add a tag to the open one.
    AddTag(String),
    /// Remove a tag from the open one.
    RemoveTag(String),
    /// Begin a new conversation with the visitor of the open one.
    Reopen,
    /// Write to the visitor of the open one.
    Answer,
    /// Export the open one.
    Export(ExportKind),
}

/// The archive.
#[derive(Debug, Default)]
pub(super) struct Archive {
    text: String,
    /// Where the caret goes, in bytes, when the workspace has changed the text.
    caret: Option<usize>,
    suggestions: Vec<Suggestion>,
    /// Where a suggestion is put: from the first of these bytes to the second.
    suggested_at: (usize, usize),
    highlighted: Option<usize>,
    /// The query whose results are listed; none before the first search.
    searched: Option<String>,
    /// Counts the searches.
    number: u64,
    state: Search,
    pages: Vec<Arc<Vec<ArchiveRow>>>,
    next_page_id: Option<String>,
    total: u64,
    pub(super) opened: Option<opened::Opened>,
    opened_number: u64,
    names: Names,
    today: Day,
}

#[derive(Debug, Default, Clone, PartialEq)]
enum Search {
    #[default]
    Idle,
    Loading,
    Failed(Fault),
    Refused(QueryProblem),
}

/// Why the server cannot read a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// Where, from 1; none if the server did not say it.
    pub column: Option<usize>,
    /// What is wrong, as the server says it.
    pub problem: String,
}

impl QueryProblem {
    /// Reads `query, column 8: expected good or bad`.
    fn read(message: &str) -> Self {
        let parts = message.strip_prefix("query, column ").and_then(|rest| {
            let (column, problem) = rest.split_once(": ")?;
            Some((column.parse().ok()?, problem))
        });
        match parts {
            Some((column, problem)) => Self {
                column: Some(column),
                problem: problem.to_owned(),
            },
            None => Self {
                column: None,
                problem: message.to_owned(),
            },
        }
    }
}

/// The search box and the filters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArchiveQuery {
    /// The query, as typed.
    pub text: String,
    /// Where the caret goes, in bytes, if the workspace has changed the text.
    pub caret: Option<usize>,
    /// What can come at the caret; empty while the list is hidden.
    pub suggestions: Vec<Suggestion>,
    /// The highlighted one.
    pub highlighted: Option<usize>,
    /// Why the server cannot read the query.
    pub problem: Option<QueryProblem>,
    /// The conditions of the query that are filters, with their values.
    pub filters: Vec<(Field, String)>,
    /// What filters offer.
    pub names: Names,
    /// The spans of time that filters offer, as values of `Field::Timestamp`.
    pub times: Vec<(String, Meaning)>,
}

/// The results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArchiveResults {
    /// What was searched for; none before the first search.
    pub query: Option<String>,
    /// The pages that have been loaded, the newest conversations first.
    pub pages: Vec<Arc<Vec<ArchiveRow>>>,
    /// How many there are; ten thousand stand for more.
    pub total: u64,
    /// There are more pages.
    pub more: bool,
    /// Results are being loaded.
    pub busy: bool,
    /// Why they could not be loaded.
    pub failed: Option<Fault>,
    /// The conversation that is open.
    pub opened: Option<ThreadId>,
}

/// A conversation that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchiveRow {
    /// The chat.
    pub chat: ChatId,
    /// The conversation.
    pub thread: ThreadId,
    /// The visitor's name, if known.
    pub name: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub at: Option<Millis>,
    /// How long it went on, in milliseconds.
    pub lasted: Option<Millis>,
    /// A message that was left.
    pub is_message: bool,
    /// The names of the agents who took part.
    pub agents: Vec<String>,
    /// The group of agents.
    pub team: Option<String>,
    /// Whether the visitor's rating was good.
    pub rating: Option<bool>,
    /// No agent has accepted it.
    pub missed: bool,
    /// It waits for somebody to deal with it.
    pub unread: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// Some of the text; true where it was searched for.
    pub excerpt: Vec<(String, bool)>,
}

impl ArchiveRow {
    fn new(found: FoundThread) -> Self {
        let at = parse_timestamp(&found.created_at);
        let ended = parse_timestamp(&found.ended_at);
        let parts = found.excerpt.into_iter();
        Self {
            chat: found.chat_id,
            thread: found.thread_id,
            name: found.name.filter(|name| !name.trim().is_empty()),
            at,
            lasted: ended.zip(at).map(|(ended, at)| ended.saturating_sub(at)),
            is_message: found.is_message,
            agents: found.agent_names,
            team: found.group_name,
            rating: match found.rating {
                Some(ThreadRating::Good) => Some(true),
                Some(ThreadRating::Bad) => Some(false),
                Some(ThreadRating::Other(_)) | None => None,
            },
            missed: found.missed,
            unread: found.unread,
            tags: found.tags,
            excerpt: parts.map(|part| (part.text, part.found)).collect(),
        }
    }
}

impl Archive {
    /// Changes the row of a conversation, if it is listed.
    fn change_row(&mut self, thread: &ThreadId, change: impl FnOnce(&mut ArchiveRow)) {
        for page in &mut self.pages {
            if let Some(at) = page.iter().position(|row| row.thread == *thread) {
                if let Some(row) = Arc::make_mut(page).get_mut(at) {
                    change(row);
                }
                return;
            }
        }
    }

    fn row(&self, thread: &ThreadId) -> Option<&ArchiveRow> {
        let mut rows = self.pages.iter().flat_map(|page| page.iter());
        rows.find(|row| row.thread == *thread)
    }

    fn hide_suggestions(&mut self) {
        self.suggestions = Vec::new();
        self.highlighted = None;
    }

    fn learn_names(&mut self, found: &FoundArchive) {
        let results = || found.results.iter();
        let merged = |known: &[String], new: Vec<&String>| -> Vec<String> {
            let all: BTreeSet<&String> = known.iter().chain(new).collect();
            let names = all.into_iter().take(limits::ARCHIVE_NAMES);
            names.cloned().collect()
        };
        let agents = results().flat_map(|it| &it.agent_names).collect();
        self.names.agents = merged(&self.names.agents, agents);
        let tags = results().flat_map(|it| &it.tags).collect();
        self.names.tags = merged(&self.names.tags, tags);
    }
}

impl Workspace {
    /// The part of the page that is shown.
    pub fn section(&self) -> Section {
        self.section
    }

    /// Shows a part of the page. `today` and `time_zone` are the browser's.
    pub(super) fn show_section(&mut self, section: Section, today: Day, time_zone: Option<String>) {
        self.archive.today = today;
        self.enter_section(section);
        match section {
            Section::Chats => {}
            Section::Archive => {
                if self.archive.searched.is_none() {
                    self.search_archive();
                }
                self.load_names(today, time_zone);
                self.outputs.push(Output::FocusSearch);
            }
            Section::Reports => self.show_reports(today, time_zone),
        }
        self.changed_parts
            .extend([ViewPart::ArchiveQuery, ViewPart::ArchiveResults]);
    }

    pub(super) fn enter_section(&mut self, section: Section) {
        if self.section == section {
            return;
        }
        if self.section == Section::Chats
            && let Some(selected) = self.selected.clone()
        {
            self.stop_typing(&selected);
        }
        self.section = section;
        self.view_changed(ViewPart::Section);
    }

    /// Whether the agent looks at the open chat.
    pub(super) fn looks_at_chats(&self) -> bool {
        self.focused && self.section == Section::Chats
    }

    pub(super) fn on_archive_intent(&mut self, intent: ArchiveIntent) {
        match intent {
            ArchiveIntent::Write(text, caret) => {
                self.archive.text = text;
                if matches!(self.archive.state, Search::Refused(_)) {
                    self.archive.state = Search::Idle;
                }
                self.suggest(caret);
            }
            ArchiveIntent::Suggest(caret) => self.suggest(caret),
            ArchiveIntent::HighlightNext => self.highlight(1),
            ArchiveIntent::HighlightPrevious => self.highlight(-1),
            ArchiveIntent::Pick(at) => self.pick_suggestion(at),
            ArchiveIntent::DismissSuggestions => self.archive.hide_suggestions(),
            ArchiveIntent::PressEnter => match self.archive.highlighted {
                Some(at) => self.pick_suggestion(at),
                None => self.search_archive(),
            },
            ArchiveIntent::Filter(field, value) => {
                let text = query::with_filter(&self.archive.text, field, value.as_deref());
                self.replace_query(text);
            }
            ArchiveIntent::ClearQuery => {
                self.replace_query(String::new());
                self.outputs.push(Output::FocusSearch);
            }
            ArchiveIntent::LoadMore => self.load_more_of_archive(),
            ArchiveIntent::Open(chat, thread) => self.open_archived(chat, thread),
            ArchiveIntent::Close => self.close_archived(),
            ArchiveIntent::LoadAgain => self.load_archived(),
            ArchiveIntent::MarkUnread(unread) => self.mark_archived(unread),
            ArchiveIntent::AddTag(tag) => self.tag_archived(&tag, true),
            ArchiveIntent::RemoveTag(tag) => self.tag_archived(&tag, false),
            ArchiveIntent::Reopen => self.reopen_archived(),
            ArchiveIntent::Answer => self.answer_archived(),
            ArchiveIntent::Export(kind) => self.export_archived(kind),
        }
        self.view_changed(ViewPart::ArchiveQuery);
    }

    fn replace_query(&mut self, text: String) {
        self.archive.caret = Some(text.len());
        self.archive.text = text;
        self.search_archive();
    }

    fn suggest(&mut self, caret: usize) {
        let archive = &mut self.archive;
        archive.names.teams = self.groups.iter().map(|group| group.name.clone()).collect();
        let (begin, suggestions) =
            suggestions::suggest(&archive.text, caret, &archive.names, archive.today);
        archive.caret = None;
        archive.suggested_at = (begin, caret);
        archive.suggestions = suggestions;
        archive.highlighted = None;
    }

    fn highlight(&mut self, by: isize) {
        let archive = &mut self.archive;
        let count = archive.suggestions.len();
        if count == 0 {
            return;
        }
        archive.highlighted = match archive.highlighted {
            None if by > 0 => Some(0),
            None => Some(count - 1),
            // Beyond the ends nothing is highlighted: Enter searches.
            Some(at) => at.checked_add_signed(by).filter(|at| *at < count),
        };
    }

    fn pick_suggestion(&mut self, at: usize) {
        let archive = &mut self.archive;
        let Some(picked) = archive.suggestions.get(at).cloned() else {
            return;
        };
        let (begin, end) = archive.suggested_at;
        let before = archive.text.get(..begin).unwrap_or_default();
        let after = archive.text.get(end..).unwrap_or_default();
        let is_field = matches!(picked.meaning, Meaning::Field(_));
        let space = if is_field || after.starts_with(' ') {
            ""
        } else {
            " "
        };
        let caret = begin + picked.insert.len() + space.len();
        archive.text = format!("{before}{}{space}{after}", picked.insert);
        archive.hide_suggestions();
        if is_field {
            self.suggest(caret);
        }
        self.archive.caret = Some(caret);
    }

    /// Searches from the beginning.
    fn search_archive(&mut self) {
        let archive = &mut self.archive;
        archive.hide_suggestions();
        archive.number += 1;
        archive.state = Search::Loading;
        let query = archive.text.trim().to_owned();
        let call = SearchArchive {
            query,
            page_id: None,
            limit: Some(limits::ARCHIVE_PAGE),
        };
        let pending = PendingCall::Archive(archive.number, call.clone());
        self.call(pending, Call::SearchArchive(call));
        self.view_changed(ViewPart::ArchiveResults);
    }

    fn load_more_of_archive(&mut self) {
        let archive = &mut self.archive;
        match archive.state {
            Search::Loading => return,
            // A search that failed from the beginning.
            Search::Failed(_) if archive.searched.as_deref() != Some(archive.text.trim()) => {
                return self.search_archive();
            }
            _ => {}
        }
        let (Some(query), Some(page_id)) = (&archive.searched, &archive.next_page_id) else {
            if archive.searched.is_none() {
                self.search_archive();
            }
            return;
        };
        let call = SearchArchive {
            query: query.clone(),
            page_id: Some(page_id.clone()),
            limit: Some(limits::ARCHIVE_PAGE),
        };
        archive.number += 1;
        archive.state = Search::Loading;
        let pending = PendingCall::Archive(archive.number, call.clone());
        self.call(pending, Call::SearchArchive(call));
        self.view_changed(ViewPart::ArchiveResults);
    }

    pub(super) fn on_archive_reply(
        &mut self,
        number: u64,
        asked: &SearchArchive,
        answer: Result<Reply, Fault>,
    ) {
        let archive = &mut self.archive;
        if number != archive.number {
            return;
        }
        archive.state = match answer {
            Ok(Reply::FoundArchive(found)) => {
                archive.learn_names(&found);
                if asked.page_id.is_none() {
                    archive.pages = Vec::new();
                    archive.searched = Some(asked.query.clone());
                    self.outputs.push(Output::ScrollResults);
                }
                archive.total = found.total;
                archive.next_page_id = found.next_page_id;
                // A conversation that has changed its place meanwhile is not listed twice.
                let rows = found.results.into_iter().map(ArchiveRow::new);
                let rows: Vec<ArchiveRow> = rows.collect();
                if !rows.is_empty() {
                    archive.pages.push(Arc::new(rows));
                }
                Search::Idle
            }
            Ok(Reply::QueryRefused(message)) => Search::Refused(QueryProblem::read(&message)),
            Err(fault) => Search::Failed(fault),
            Ok(_) => Search::Failed(Fault::ServerError),
        };
        self.changed_parts
            .extend([ViewPart::ArchiveQuery, ViewPart::ArchiveResults]);
    }

    /// The search box and the filters.
    pub fn archive_query(&self) -> ArchiveQuery {
        let archive = &self.archive;
        let mut names = archive.names.clone();
        names.teams = self.groups.iter().map(|group| group.name.clone()).collect();
        let filter = |field: Field| Some((field, query::filter(&archive.text, field)?));
        ArchiveQuery {
            text: archive.text.clone(),
            caret: archive.caret,
            suggestions: archive.suggestions.clone(),
            highlighted: archive.highlighted,
            problem: match &archive.state {
                Search::Refused(problem) => Some(problem.clone()),
                _ => None,
            },
            filters: Field::ALL.into_iter().filter_map(filter).collect(),
            names,
            times: suggestions::times(archive.today),
        }
    }

    /// The results of the last search.
    pub fn archive_results(&self) -> ArchiveResults {
        let archive = &self.archive;
        ArchiveResults {
            query: archive.searched.clone(),
            pages: archive.pages.clone(),
            total: archive.total,
            more: archive.next_page_id.is_some(),
            busy: archive.state == Search::Loading,
            failed: match archive.state {
                Search::Failed(fault) => Some(fault),
                _ => None,
            },
            opened: archive.opened.as_ref().map(|it| it.thread.clone()),
        }
    }

    /// The conversation was deleted for good.
    pub(super) fn forget_archived(&mut self, thread: &ThreadId) {
        let archive = &mut self.archive;
        for page in &mut archive.pages {
            if page.iter().any(|row| row.thread == *thread) {
                Arc::make_mut(page).retain(|row| row.thread != *thread);
                archive.total = archive.total.saturating_sub(1);
            }
        }
        archive.pages.retain(|page| !page.is_empty());
        let is_open = archive
            .opened
            .as_ref()
            .is_some_and(|it| it.thread == *thread);
        if is_open {
            archive.opened = None;
            self.view_changed(ViewPart::ArchivedChat);
        }
        self.view_changed(ViewPart::ArchiveResults);
    }

    /// The replies to outstanding calls will be ignored.
    pub(super) fn forget_pending_archive_calls(&mut self) {
        if self.archive.state == Search::Loading {
            self.archive.state = Search::Failed(Fault::SignedOut);
        }
        if let Some(opened) = &mut self.archive.opened {
            opened.forget_pending_call();
        }
    }

    /// Opens the next (1) or previous (-1) conversation of the results.
    pub(super) fn step_in_archive(&mut self, by: isize) {
        let rows = self.archive.pages.iter().flat_map(|page| page.iter());
        let rows: Vec<(ChatId, ThreadId)> = rows
            .map(|row| (row.chat.clone(), row.thread.clone()))
            .collect();
        let opened = self.archive.opened.as_ref().map(|it| &it.thread);
        let at = rows.iter().position(|(_, thread)| Some(thread) == opened);
        let next = match at {
            Some(at) => at.checked_add_signed(by),
            None => Some(0),
        };
        if next.is_some_and(|next| next + 1 >= rows.len()) {
            self.load_more_of_archive();
        }
        if let Some((chat, thread)) = next.and_then(|next| rows.get(next)) {
            self.open_archived(chat.clone(), thread.clone());
        }
    }
}

impl Workspace {
    /// The names of agents, from elsewhere.
    pub(super) fn learn_agents<'a>(&mut self, names: impl Iterator<Item = &'a String>) {
        let known = self.archive.names.agents.drain(..);
        let all: BTreeSet<String> = known.chain(names.cloned()).collect();
        self.archive.names.agents = all.into_iter().take(limits::ARCHIVE_NAMES).collect();
    }
}
