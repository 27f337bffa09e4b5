//! A device with tabs: their channel, their storage, their lock, and an
//! endpoint that does what the test says.

use std::collections::BTreeMap;

use parlor_session::{
    Boot, BrowserInfo, Call, Change, Input, Intent, Output, Page, Posted, Reply, Request, Saved,
    SendState,
    tabs::{self, Claim, Command, CommandId, Message, Persisted, Tab, TabPayload},
};
use parlor_wire::visitor::{Batch, ReconnectSession};
use serde_json::{Value, json};

pub(crate) struct Device {
    pub(crate) now: u64,
    pub(crate) tabs: Vec<Open>,
    /// What the device keeps.
    pub(crate) saved: Option<Saved>,
    pub(crate) commands: BTreeMap<CommandId, Command>,
    /// It refuses to keep anything.
    pub(crate) refuses: bool,
    /// Who has the lock.
    pub(crate) leader: Option<usize>,
    queue: Vec<usize>,
    /// How often a leader has told of changes.
    pub(crate) changes_told: usize,
}

pub(crate) struct Open {
    pub(crate) tab: Tab,
    pub(crate) alive: bool,
    /// Hears nothing, and its timers stand.
    pub(crate) frozen: bool,
    /// Heard while frozen: the browser hands it over afterwards.
    missed: Vec<Message>,
    pub(crate) calls: Vec<Call>,
    /// Everything that was shown, in order.
    pub(crate) changes: Vec<Change>,
    /// Files on their way.
    pub(crate) uploads: Vec<u32>,
    wake_at: Option<u64>,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self {
            now: 1_000_000,
            tabs: Vec::new(),
            saved: None,
            commands: BTreeMap::new(),
            refuses: false,
            leader: None,
            queue: Vec::new(),
            changes_told: 0,
        }
    }

    /// A new tab; looked at, as new tabs are.
    pub(crate) fn open(&mut self) -> usize {
        self.open_in(BrowserInfo::default())
    }

    /// The same, on a page of the site.
    pub(crate) fn open_on(&mut self, page: Page) -> usize {
        self.open_in(BrowserInfo {
            page: Some(page),
            ..BrowserInfo::default()
        })
    }

    fn open_in(&mut self, browser: BrowserInfo) -> usize {
        let at = self.tabs.len();
        self.tabs.push(Open {
            tab: Tab::new(),
            alive: true,
            frozen: false,
            missed: Vec::new(),
            calls: Vec::new(),
            changes: Vec::new(),
            uploads: Vec::new(),
            wake_at: None,
        });
        self.input(
            at,
            Input::Boot(Box::new(Boot {
                organization_id: "00D000000000001".into(),
                deployment_id: "572000000000001".into(),
                button_id: "573000000000001".into(),
                nonce: format!("t{at}"),
                seed: 1,
                browser,
                identity_token: None,
                saved: None,
            })),
        );
        self.input(at, Input::Visibility(true));
        at
    }

    pub(crate) fn input(&mut self, at: usize, input: impl Into<tabs::Input>) {
        let outputs = self.tabs[at].tab.handle(self.now, input.into());
        self.carry(at, outputs);
    }

    fn carry(&mut self, at: usize, outputs: Vec<tabs::Output>) {
        let mut deposed = false;
        for output in outputs {
            match output {
                tabs::Output::Session(Output::Call(call)) => self.tabs[at].calls.push(*call),
                tabs::Output::Session(Output::Abort(id)) => {
                    self.tabs[at].calls.retain(|c| c.id != id)
                }
                tabs::Output::Session(Output::WakeAt(when)) => self.tabs[at].wake_at = Some(when),
                tabs::Output::Session(Output::Save(saved)) => {
                    if self.saved.as_ref().is_some_and(|s| s.term > saved.term) {
                        deposed = true;
                    } else if !self.refuses {
                        // As it crosses a storage of texts.
                        let text = serde_json::to_string(&saved).unwrap();
                        self.saved = Some(serde_json::from_str(&text).unwrap());
                    }
                }
                tabs::Output::PersistCommand(_) if self.refuses => {}
                tabs::Output::PersistCommand(command) => {
                    self.commands.insert(command.id.clone(), command.copied());
                }
                tabs::Output::RemoveCommand(id) => {
                    self.commands.remove(&id);
                }
                tabs::Output::Broadcast(message) => self.tell(at, *message),
                tabs::Output::RequestLeadership(Claim::Queue) => {
                    if !self.queue.contains(&at) {
                        self.queue.push(at);
                    }
                    self.grant();
                }
                tabs::Output::RequestLeadership(Claim::Steal) => self.steal(at),
                tabs::Output::Session(Output::Upload { id, .. }) => self.tabs[at].uploads.push(id),
                tabs::Output::Session(Output::AbortUpload(id)) => {
                    self.tabs[at].uploads.retain(|known| *known != id)
                }
                tabs::Output::Session(Output::Change(change)) => self.tabs[at].changes.push(change),
                tabs::Output::Session(Output::Report(_)) => {}
            }
        }
        if deposed {
            self.input(at, tabs::Input::LeadershipLost);
        }
        let leads = self.tabs[at].tab.leads();
        assert!(leads || self.tabs[at].calls.is_empty(), "a follower calls");
    }

    fn tell(&mut self, from: usize, message: Message) {
        self.changes_told += usize::from(matches!(message.payload, TabPayload::Changes { .. }));
        let text = serde_json::to_string(&message).unwrap();
        for at in (0..self.tabs.len()).filter(|at| *at != from) {
            let message: Message = serde_json::from_str(&text).unwrap();
            let open = &mut self.tabs[at];
            if !open.alive {
                continue;
            }
            if open.frozen || !open.missed.is_empty() {
                open.missed.push(message);
            } else {
                self.input(at, tabs::Input::Message(Box::new(message)));
            }
        }
    }

    fn grant(&mut self) {
        if self.leader.is_none() && !self.queue.is_empty() {
            let at = self.queue.remove(0);
            self.lead(at);
        }
    }

    /// The lock is given to this tab.
    pub(crate) fn lead(&mut self, at: usize) {
        self.leader = Some(at);
        let kept = Persisted {
            saved: self.saved.clone(),
            commands: self.commands.values().cloned().collect(),
        };
        self.input(at, tabs::Input::LeadershipGained(Box::new(kept)));
    }

    /// Web Locks' `steal`: the one who had it learns of it when it runs.
    fn steal(&mut self, at: usize) {
        self.queue.retain(|waiting| *waiting != at);
        let before = self.leader.replace(at).filter(|before| *before != at);
        self.lead(at);
        if let Some(before) = before
            && self.tabs[before].alive
            && !self.tabs[before].frozen
        {
            self.input(before, tabs::Input::LeadershipLost);
        }
    }

    /// The tab's process is gone, without a word.
    pub(crate) fn kill(&mut self, at: usize) {
        self.tabs[at].alive = false;
        self.tabs[at].calls.clear();
        self.tabs[at].wake_at = None;
        self.queue.retain(|waiting| *waiting != at);
        if self.leader == Some(at) {
            self.leader = None;
            self.grant();
        }
    }

    pub(crate) fn freeze(&mut self, at: usize) {
        self.tabs[at].frozen = true;
    }

    /// The tab runs again: what it hears first is what it missed.
    pub(crate) fn thaw(&mut self, at: usize) {
        self.tabs[at].frozen = false;
        for message in std::mem::take(&mut self.tabs[at].missed) {
            self.input(at, tabs::Input::Message(Box::new(message)));
        }
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.now + millis;
        loop {
            let next = (0..self.tabs.len())
                .filter(|at| self.tabs[*at].alive && !self.tabs[*at].frozen)
                .filter_map(|at| Some((self.tabs[at].wake_at?, at)))
                .min()
                .filter(|(when, _)| *when <= until);
            let Some((when, at)) = next else { break };
            self.now = self.now.max(when);
            self.tabs[at].wake_at = None;
            self.input(at, Input::Wake);
        }
        self.now = until;
    }

    pub(crate) fn want(&mut self, at: usize, intent: Intent) {
        self.input(at, Input::Intent(intent));
    }

    pub(crate) fn take(&mut self, at: usize, wanted: impl Fn(&Request) -> bool) -> Call {
        let calls = &mut self.tabs[at].calls;
        let found = calls.iter().position(|c| wanted(&c.request));
        let found = found.unwrap_or_else(|| panic!("tab {at} did not ask; open: {calls:?}"));
        calls.remove(found)
    }

    pub(crate) fn reply(&mut self, at: usize, call: &Call, reply: Reply) {
        self.input(
            at,
            Input::Reply {
                id: call.id,
                reply: Box::new(reply),
                latest_offset: None,
            },
        );
    }

    pub(crate) fn batch(&mut self, at: usize, sequence: i64, messages: Value) {
        let poll = self.take(at, is_poll);
        let batch = Batch {
            messages: serde_json::from_value(messages).unwrap(),
            sequence: Some(sequence),
            offset: Some(sequence * 10),
        };
        self.reply(at, &poll, Reply::Messages(batch));
    }

    pub(crate) fn posted(&mut self, at: usize, position: u64) {
        let post = self.take(at, Request::is_post);
        let posted = Posted {
            event_id: None,
            position: Some(position),
            created_at: None,
        };
        self.reply(at, &post, Reply::Posted(posted));
    }

    /// The tab chats with Andy.
    pub(crate) fn chat(&mut self, at: usize) {
        self.chat_at(at, &json!(null));
    }

    pub(crate) fn chat_where_files_are_taken(&mut self, at: usize) {
        let files = json!({"maxBytes": 1_000, "types": ["image/png"]});
        let welcome = json!({"organizationId": "00D000000000001", "teamName": "Shop",
            "greeting": "", "sneakPeekEnabled": false, "online": [], "files": files});
        self.chat_at(at, &welcome);
    }

    fn chat_at(&mut self, at: usize, welcome: &Value) {
        self.begin_at(at, welcome);
        self.given_a_session(at, "s");
        self.posted(at, 0);
        self.batch(
            at,
            1,
            json!([{"type": "ChatEstablished", "message": {"name": "Andy", "userId": "005A",
                "sequence": 1, "eventId": "T_1"}}]),
        );
    }

    /// The tab asks for a chat.
    pub(crate) fn begin(&mut self, at: usize) {
        self.begin_at(at, &json!(null));
    }

    fn begin_at(&mut self, at: usize, welcome: &Value) {
        let settings = self.take(at, |r| *r == Request::Settings);
        let answer = json!({"welcome": welcome,
            "buttons": [{"id": "573000000000001", "isAvailable": true}]});
        self.reply(
            at,
            &settings,
            Reply::Settings(Box::new(serde_json::from_value(answer).unwrap())),
        );
        self.want(at, Intent::StartConversation);
    }

    /// The tab's request for a session is answered.
    pub(crate) fn given_a_session(&mut self, at: usize, id: &str) {
        let session = self.take(at, |r| *r == Request::SessionId);
        let answer = json!({"id": id, "key": "k", "affinityToken": "a", "clientPollTimeout": 40});
        self.reply(
            at,
            &session,
            Reply::SessionId(serde_json::from_value(answer).unwrap()),
        );
    }

    /// The endpoint hands the session to this tab, with what was said.
    pub(crate) fn handed_over(&mut self, at: usize, sequence: i64, said: Value) {
        let call = self.take(at, |r| matches!(r, Request::ReconnectSession { .. }));
        let reply = ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: format!("b{sequence}"),
        };
        self.reply(at, &call, Reply::Reconnected(reply));
        self.batch(
            at,
            sequence,
            json!([{"type": "ChasitorSessionData", "message": {"chatMessages": said,
                "agent": {"name": "Andy", "userId": "005A"}}}]),
        );
        let resync = self.take(at, Request::is_post);
        self.reply(at, &resync, Reply::Posted(Posted::default()));
    }

    /// Texts and states, as the tab shows them.
    pub(crate) fn shown(&self, at: usize) -> Vec<(String, Option<SendState>)> {
        let lines = self.tabs[at].tab.mirror().lines.iter();
        lines
            .filter_map(|line| match &*line.body {
                parlor_session::Body::Text(text) => Some((text.clone(), line.state)),
                _ => None,
            })
            .collect()
    }

    /// All living tabs show the same.
    pub(crate) fn agree(&self) {
        let alive: Vec<_> = self.tabs.iter().filter(|t| t.alive && !t.frozen).collect();
        for pair in alive.windows(2) {
            assert_eq!(pair[0].tab.mirror(), pair[1].tab.mirror());
        }
    }

    pub(crate) fn polls(&self) -> usize {
        let calls = self.tabs.iter().flat_map(|t| &t.calls);
        calls.filter(|c| is_poll(&c.request)).count()
    }
}

pub(crate) fn is_poll(request: &Request) -> bool {
    matches!(request, Request::Messages { .. })
}

pub(crate) fn says(n: u64, text: &str) -> Value {
    json!({"type": "ChatMessage", "message": {"name": "Andy", "text": text,
        "eventId": format!("T_{n}"), "sequence": n}})
}

/// A message of the visitor's, as a hand-over tells it.
pub(crate) fn mine(n: u64, custom_id: &str, text: &str) -> Value {
    json!({"type": "Chasitor", "name": "", "content": text, "timestamp": n, "sequence": n,
        "eventId": format!("T_{n}"), "customId": custom_id})
}
