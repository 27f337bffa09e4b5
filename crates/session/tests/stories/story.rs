//! A session, the time, and what it has asked for: enough to tell a story.

use parlor_session::{
    Boot, BrowserInfo, Call, Change, Connection, Fault, Input, Intent, Line, LineId, Output, Page,
    Posted, Reply, Request, RequestId, Saved, SendState, Session, Stage,
};
use parlor_wire::visitor::{Batch, Message};
use serde_json::{Value, json};

pub(crate) struct Story {
    pub(crate) session: Session,
    pub(crate) now: u64,
    /// Calls that are open, in the order in which they were made.
    pub(crate) open: Vec<Call>,
    pub(crate) changes: Vec<Change>,
    pub(crate) aborted: Vec<RequestId>,
    pub(crate) saved: Option<Saved>,
    pub(crate) wake_at: Option<u64>,
    /// The transcript as the store would have it.
    pub(crate) lines: Vec<Line>,
    pub(crate) stage: Stage,
    /// Files whose bytes are on their way.
    pub(crate) uploads: Vec<u32>,
    /// What the last input brought about, in order.
    pub(crate) last: Vec<Output>,
}

impl Story {
    pub(crate) fn new(saved: Option<Saved>) -> Self {
        Self::new_at(1_000_000, saved, BrowserInfo::default(), None)
    }

    /// A visitor for whom the page vouches with this token.
    pub(crate) fn vouched(token: &str) -> Self {
        let token = Some(token.to_owned());
        Self::new_at(1_000_000, None, BrowserInfo::default(), token)
    }

    /// The chat on a page of the site.
    pub(crate) fn on(page: Page) -> Self {
        Self::new_at(1_000_000, None, browser(page), None)
    }

    fn new_at(
        now: u64,
        saved: Option<Saved>,
        browser: BrowserInfo,
        identity_token: Option<String>,
    ) -> Self {
        let mut story = Self {
            session: Session::new(),
            now,
            open: Vec::new(),
            changes: Vec::new(),
            aborted: Vec::new(),
            saved: None,
            wake_at: None,
            lines: Vec::new(),
            stage: Stage::Hello,
            uploads: Vec::new(),
            last: Vec::new(),
        };
        story.input(Input::Boot(Box::new(Boot {
            organization_id: "00D000000000001".into(),
            deployment_id: "572000000000001".into(),
            button_id: "573000000000001".into(),
            nonce: "n".into(),
            seed: 1,
            browser,
            identity_token,
            saved,
        })));
        story
    }

    /// A conversation with Andy, whose poll is open and nothing else.
    pub(crate) fn chatting() -> Self {
        Self::new(None).chats()
    }

    pub(crate) fn chats(self) -> Self {
        let mut story = self;
        story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
        story.want(Intent::StartConversation);
        story.reply_session("73061fa0");
        story.posted(1);
        story.batch(
            1,
            json!([
                {"type": "ChatRequestSuccess", "message": {"queuePosition": 1, "visitorId": "v"}},
                {"type": "ChatEstablished", "message": {"name": "Andy", "userId": "005A",
                    "sneakPeekEnabled": false, "sequence": 1, "eventId": "T_1"}}
            ]),
        );
        assert_eq!(story.stage, Stage::Chatting);
        story
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.last = self.session.handle(self.now, input);
        for output in self.last.clone() {
            match output {
                Output::Call(call) => self.open.push(*call),
                Output::Abort(id) => {
                    self.open.retain(|c| c.id != id);
                    self.aborted.push(id);
                }
                Output::WakeAt(at) => self.wake_at = Some(at),
                Output::Save(saved) => self.saved = Some(*saved),
                Output::Change(change) => self.apply(change),
                Output::Report(_) => {}
                Output::Upload { id, .. } => self.uploads.push(id),
                Output::AbortUpload(id) => self.uploads.retain(|known| *known != id),
            }
        }
        let polls = self.open.iter().filter(|c| is_poll(&c.request)).count();
        assert!(polls <= 1, "{polls} polls at once");
    }

    fn apply(&mut self, change: Change) {
        match &change {
            Change::Stage(stage) => self.stage = stage.clone(),
            Change::Line { index, line } => {
                self.lines.retain(|l| l.id != line.id);
                self.lines.insert(*index, (**line).clone());
            }
            Change::LineState { id, state } => {
                for line in self.lines.iter_mut().filter(|l| &l.id == id) {
                    line.state = Some(*state);
                }
            }
            Change::LineGone(id) => self.lines.retain(|l| &l.id != id),
            Change::TranscriptCleared => self.lines.clear(),
            _ => {}
        }
        self.changes.push(change);
    }

    pub(crate) fn want(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    pub(crate) fn send(&mut self, text: &str) -> LineId {
        self.want(Intent::Send(text.into()));
        self.lines.last().unwrap().id.clone()
    }

    /// The same device, after the document was closed at this moment.
    pub(crate) fn reloaded(&self) -> Self {
        self.reloaded_in(BrowserInfo::default())
    }

    /// The same device on the next page of the site.
    pub(crate) fn reloaded_on(&self, page: Page) -> Self {
        self.reloaded_in(browser(page))
    }

    fn reloaded_in(&self, browser: BrowserInfo) -> Self {
        let text = serde_json::to_string(&self.saved).unwrap();
        let saved = serde_json::from_str(&text).unwrap();
        let mut story = Self::new_at(self.now, saved, browser, None);
        story.saved = story.saved.or_else(|| self.saved.clone());
        story
    }

    /// Whether the window says that messages may be late.
    pub(crate) fn in_trouble(&self) -> bool {
        self.changes
            .iter()
            .rev()
            .find_map(|change| match change {
                Change::Connection(connection) => Some(*connection),
                _ => None,
            })
            .is_some_and(|connection| connection == Connection::Reconnecting)
    }

    pub(crate) fn state(&self, id: &LineId) -> Option<SendState> {
        self.lines.iter().find(|l| &l.id == id)?.state
    }

    /// The session is taken over by the endpoint, and goes on.
    pub(crate) fn reconnected(&mut self, affinity: &str) {
        let call = self.take(|r| matches!(r, Request::ReconnectSession { .. }));
        let reply = parlor_wire::visitor::ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: affinity.into(),
        };
        self.reply(call.id, Reply::Reconnected(reply));
    }

    /// Lets time pass, waking the session as often as it asked for.
    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.now + millis;
        while let Some(at) = self.wake_at.filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.wake_at = None;
            self.input(Input::Wake);
        }
        self.now = until;
    }

    pub(crate) fn take(&mut self, wanted: impl Fn(&Request) -> bool) -> Call {
        let at = self
            .open
            .iter()
            .position(|c| wanted(&c.request))
            .unwrap_or_else(|| panic!("not asked for; open: {:?}", self.open));
        self.open.remove(at)
    }

    /// Whether no call is open, but for the list of conversations.
    pub(crate) fn is_at_rest(&self) -> bool {
        let is_list = |call: &Call| matches!(call.request, Request::History { .. });
        self.open.iter().all(is_list)
    }

    pub(crate) fn take_poll(&mut self) -> Call {
        self.take(is_poll)
    }

    pub(crate) fn take_post(&mut self) -> Call {
        self.take(Request::is_post)
    }

    pub(crate) fn reply(&mut self, id: RequestId, reply: Reply) {
        self.input(Input::Reply {
            id,
            reply: Box::new(reply),
            latest_offset: None,
        });
    }

    pub(crate) fn fault(&mut self, id: RequestId, fault: Fault) {
        self.input(Input::Fault { id, fault });
    }

    pub(crate) fn reply_settings(&mut self, settings: Value) {
        let call = self.take(|r| *r == Request::Settings);
        let settings = serde_json::from_value(settings).unwrap();
        self.reply(call.id, Reply::Settings(Box::new(settings)));
    }

    pub(crate) fn reply_session(&mut self, affinity: &str) {
        let call = self.take(|r| *r == Request::SessionId);
        let session = serde_json::from_value(json!({"id": "s", "key": "k!1=",
            "affinityToken": affinity, "clientPollTimeout": "40"}))
        .unwrap();
        self.reply(call.id, Reply::SessionId(session));
    }

    /// Answers the open POST as done, with this position.
    pub(crate) fn posted(&mut self, position: u64) {
        let call = self.take_post();
        self.reply(
            call.id,
            Reply::Posted(Posted {
                event_id: None,
                position: Some(position),
                created_at: None,
            }),
        );
    }

    /// Answers the open poll with messages.
    pub(crate) fn batch(&mut self, sequence: i64, messages: Value) {
        let call = self.take_poll();
        let messages: Vec<Message> = serde_json::from_value(messages).unwrap();
        self.reply(
            call.id,
            Reply::Messages(Batch {
                messages,
                sequence: Some(sequence),
                offset: Some(sequence * 10),
            }),
        );
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.lines
            .iter()
            .filter_map(|l| match &*l.body {
                parlor_session::Body::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
}

fn browser(page: Page) -> BrowserInfo {
    BrowserInfo {
        page: Some(page),
        ..BrowserInfo::default()
    }
}

pub(crate) fn is_poll(request: &Request) -> bool {
    matches!(request, Request::Messages { .. })
}

pub(crate) fn ack(call: &Call) -> i64 {
    match call.request {
        Request::Messages { ack, .. } => ack,
        _ => panic!("not a poll"),
    }
}

/// A message by Andy, as the wire has it.
pub(crate) fn says(n: u64, text: &str) -> Value {
    json!({"type": "ChatMessage", "message": {"name": "Andy", "text": text,
        "eventId": format!("T_{n}"), "sequence": n, "createdAt": "2026-01-02T03:04:05.000000Z"}})
}
