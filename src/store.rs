//! The state that the views read, as signals. Applies what the session says has
//! changed and decides nothing. It knows no network, no reasons and no sentences.
//!
//! Must stay true: one change touches only the signals it is about, so that a
//! new line never redraws the lines above it.

mod layout;
mod transcript;

use leptos::prelude::*;
use parlor_session::{
    AgentCard, Answer, Author, Body, Change, Connection, FieldError, History, Line, LineId, Millis,
    SendState, Shared, Stage,
};
use parlor_wire::visitor::Welcome;

pub(crate) use layout::LocalDay;
pub(crate) use transcript::{Page, Row, RowDisplay, Transcript};

/// Lines that wait to be spoken. More than these nobody listens to: a window
/// that was out of sight for long speaks the newest only.
const ANNOUNCEMENTS_MAX: usize = 5;

/// Everything the views read. The signals belong to the owner under which the
/// store was made, and live as long as it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    pub(crate) stage: RwSignal<Stage>,
    /// None until the deployment's settings have arrived.
    pub(crate) welcome: RwSignal<Option<Shared<Welcome>>>,
    /// Whether an agent can take a conversation now.
    pub(crate) available: RwSignal<bool>,
    pub(crate) prechat_errors: RwSignal<Vec<(String, FieldError)>>,
    /// The answers in the pre-chat form so far, by field.
    pub(crate) answers: RwSignal<Vec<Answer>>,
    pub(crate) transcript: Transcript,
    /// Who answers; none while nobody does.
    pub(crate) agent: RwSignal<Option<AgentCard>>,
    pub(crate) agent_typing: RwSignal<bool>,
    /// Whether the agent sees what the visitor types before it is sent.
    pub(crate) sneak_peek: RwSignal<bool>,
    pub(crate) connection: RwSignal<Connection>,
    pub(crate) postchat_errors: RwSignal<Vec<(String, FieldError)>>,
    /// The form after the conversation has been answered.
    pub(crate) postchat_done: RwSignal<bool>,
    pub(crate) history: RwSignal<History>,
    /// How the visitor rated the conversation: true for good.
    pub(crate) rated: RwSignal<Option<bool>>,
    /// The page around the window shows the site's own events itself.
    pub(crate) page_handles_custom: RwSignal<bool>,
    /// Whether the device stores what is not sent yet.
    pub(crate) kept: RwSignal<bool>,
    /// The text in the composer.
    pub(crate) draft: RwSignal<String>,
    /// How many lines of agents have arrived since the document was loaded.
    pub(crate) arrived: RwSignal<usize>,
    /// Lines that wait to be read aloud, oldest first, by the key of their row.
    pub(crate) announcements: RwSignal<Vec<(u32, Line)>>,
    /// When the conversation ended, where the endpoint has said so.
    pub(crate) ended_at: RwSignal<Option<Millis>>,
    /// When the conversation ends unless the visitor says something.
    pub(crate) ends_at: RwSignal<Option<Millis>>,
    /// The current time, as often as the driver's clock ticks.
    pub(crate) now: RwSignal<Millis>,
}

/// Something that has just happened, for the page around the window. It is no
/// state, so it is no signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// An agent wrote.
    Received(LineId),
    /// The endpoint has the visitor's line.
    Sent(LineId),
    /// An event of the site's own arrived, as JSON.
    Custom(LineId, String),
}

impl Store {
    /// The state before anything is known; `local_day` tells days apart.
    pub(crate) fn new(local_day: LocalDay) -> Self {
        Self {
            stage: RwSignal::new(Stage::Hello),
            welcome: RwSignal::default(),
            available: RwSignal::new(true),
            prechat_errors: RwSignal::default(),
            answers: RwSignal::default(),
            transcript: Transcript::new(local_day),
            agent: RwSignal::default(),
            agent_typing: RwSignal::default(),
            sneak_peek: RwSignal::default(),
            connection: RwSignal::new(Connection::Connected),
            postchat_errors: RwSignal::default(),
            postchat_done: RwSignal::default(),
            history: RwSignal::default(),
            rated: RwSignal::default(),
            page_handles_custom: RwSignal::default(),
            kept: RwSignal::new(true),
            draft: RwSignal::default(),
            arrived: RwSignal::default(),
            announcements: RwSignal::default(),
            ended_at: RwSignal::default(),
            ends_at: RwSignal::default(),
            now: RwSignal::default(),
        }
    }

    /// Applies one change, and returns what the page should hear of it.
    pub(crate) fn apply(&self, change: Change) -> Option<News> {
        match change {
            Change::Stage(stage) => self.stage.set(stage),
            Change::Welcome(welcome) => self.welcome.set(Some(welcome)),
            Change::Available(available) => self.available.set(available),
            Change::PrechatErrors(errors) => self.prechat_errors.set(errors),
            Change::Line { index, line } => return self.line(index, *line),
            Change::LineState { id, state } => {
                let before = self.transcript.set_state(&id, state);
                return newly_sent(id, before, Some(state));
            }
            Change::LineGone(id) => self.transcript.remove(&id),
            Change::TranscriptCleared => {
                self.transcript.clear();
                self.postchat_errors.set(Vec::new());
                self.postchat_done.set(false);
            }
            Change::Pressed { id, buttons } => {
                self.of_row(&id, |row| row.details().pressed.set(buttons))
            }
            Change::FormErrors { id: None, errors } => self.postchat_errors.set(errors),
            Change::FormErrors {
                id: Some(id),
                errors,
            } => self.of_row(&id, |row| row.details().errors.set(errors)),
            Change::FormDone(None) => self.postchat_done.set(true),
            Change::FormDone(Some(id)) => self.of_row(&id, |row| row.details().done.set(true)),
            Change::Progress { id, percent } => {
                self.of_row(&id, |row| row.details().percent.set(percent))
            }
            Change::History(history) => self.history.set(history),
            Change::Rated(rated) => self.rated.set(rated),
            Change::Agent(agent) => self.agent.set(agent),
            Change::AgentTyping(typing) => self.agent_typing.set(typing),
            Change::SneakPeek(enabled) => self.sneak_peek.set(enabled),
            Change::EndedAt(at) => self.ended_at.set(at),
            Change::EndsAt(ends_at) => self.ends_at.set(ends_at),
            Change::Connection(connection) => self.connection.set(connection),
            Change::Draft(draft) => self.draft.set(draft),
            Change::StorageAvailable(kept) => self.kept.set(kept),
            // For the page around the window, which hears them from the frame.
            Change::Unread(_)
            | Change::Conversation(_)
            | Change::AwaitsAnswer(_)
            | Change::WindowShown(_) => {}
        }
        None
    }

    fn of_row(&self, id: &LineId, act: impl FnOnce(&Row)) {
        if let Some(row) = self.transcript.row(id) {
            act(&row);
        }
    }

    fn line(&self, index: usize, line: Line) -> Option<News> {
        let before = self.transcript.state(&line.id);
        let Some(key) = self.transcript.place(index, line.clone()) else {
            return newly_sent(line.id, before.flatten(), line.state);
        };
        // An earlier life's lines are no news, nor is what the visitor wrote.
        let is_past = self.stage.with_untracked(is_past)
            || self.history.with_untracked(|history| history.loading)
            || self.transcript.is_above_theirs(index);
        if line.author == Author::Visitor || is_past {
            return None;
        }
        if let Body::Custom(content) = &*line.body {
            return Some(News::Custom(line.id, content.clone()));
        }
        self.announcements.update(|waiting| {
            if waiting.len() >= ANNOUNCEMENTS_MAX {
                waiting.remove(0);
            }
            waiting.push((key, line.clone()));
        });
        if !matches!(line.author, Author::Agent(_)) {
            return None;
        }
        self.arrived.update(|arrived| *arrived += 1);
        Some(News::Received(line.id))
    }
}

fn is_past(stage: &Stage) -> bool {
    *stage == Stage::Resuming
}

fn newly_sent(id: LineId, before: Option<SendState>, now: Option<SendState>) -> Option<News> {
    let arrived = |state| matches!(state, Some(SendState::Sent | SendState::Seen));
    (before.is_some() && !arrived(before) && arrived(now)).then_some(News::Sent(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Store {
        Store::new(|at| (at / 86_400_000) as i64)
    }

    fn line(id: &str, author: Author, state: Option<SendState>) -> Change {
        Change::Line {
            index: 0,
            line: Box::new(Line {
                id: LineId(id.into()),
                number: None,
                author,
                at: None,
                body: Body::Text("Hello".into()).into(),
                state,
            }),
        }
    }

    fn agent() -> Author {
        Author::Agent(AgentCard::default())
    }

    #[test]
    fn a_line_of_the_agent_is_news_once() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            let news = store.apply(line("a", agent(), None));
            assert_eq!(news, Some(News::Received(LineId("a".into()))));
            assert_eq!(store.apply(line("a", agent(), None)), None);
            assert_eq!(store.arrived.get_untracked(), 1);
            assert_eq!(store.announcements.with_untracked(Vec::len), 1);
        });
    }

    #[test]
    fn history_is_no_news_and_is_not_read_aloud() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Resuming));
            assert_eq!(store.apply(line("a", agent(), None)), None);
            assert_eq!(store.announcements.with_untracked(Vec::len), 0);
        });
    }

    #[test]
    fn what_is_fetched_from_above_is_no_news() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            let loading = |loading| {
                Change::History(History {
                    loading,
                    ..History::default()
                })
            };
            store.apply(loading(true));
            assert_eq!(store.apply(line("a", agent(), None)), None);
            store.apply(loading(false));
            let unsent = line("m", Author::Visitor, Some(SendState::Queued));
            store.apply(unsent);
            let news = store.apply(line("b", agent(), None));
            assert!(news.is_some(), "above what is not confirmed yet");
        });
    }

    #[test]
    fn what_comes_in_above_a_confirmed_line_is_no_news() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            let mut confirmed = line("b", agent(), None);
            if let Change::Line { line, .. } = &mut confirmed {
                line.at = Some(1);
            }
            assert!(store.apply(confirmed).is_some());
            assert_eq!(store.apply(line("a", agent(), None)), None);
            assert_eq!(store.arrived.get_untracked(), 1);
        });
    }

    #[test]
    fn what_comes_in_above_the_visitors_own_line_is_news() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            let mut own = line("m", Author::Visitor, Some(SendState::Sent));
            if let Change::Line { line, .. } = &mut own {
                line.at = Some(2);
            }
            store.apply(own);
            assert!(store.apply(line("a", agent(), None)).is_some());
        });
    }

    #[test]
    fn a_line_of_the_visitor_is_news_when_the_endpoint_has_it() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            let mine = |state| line("m", Author::Visitor, Some(state));
            assert_eq!(store.apply(mine(SendState::Queued)), None);
            assert_eq!(store.apply(mine(SendState::Sending)), None);
            let sent = Some(News::Sent(LineId("m".into())));
            assert_eq!(store.apply(mine(SendState::Sent)), sent);
            let seen = Change::LineState {
                id: LineId("m".into()),
                state: SendState::Seen,
            };
            assert_eq!(store.apply(seen), None);
        });
    }

    #[test]
    fn at_most_the_newest_lines_wait_to_be_spoken() {
        Owner::new().with(|| {
            let store = store();
            store.apply(Change::Stage(Stage::Chatting));
            for n in 0..20 {
                store.apply(line(&n.to_string(), agent(), None));
            }
            let ids: Vec<String> = store
                .announcements
                .with_untracked(|waiting| waiting.iter().map(|(_, l)| l.id.0.clone()).collect());
            assert_eq!(ids, ["15", "16", "17", "18", "19"]);
        });
    }
}
