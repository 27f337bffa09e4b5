//! A world in which agents come and go. Two agents accept chats, answer what was left, and make
//! callbacks; each of them may be gone at any moment, for longer than the endpoint waits for them. The
//! visitor talks with whoever is there, leaves messages, and asks for callbacks.
//!
//! Must stay true: nothing that the visitor wants is lost without a word. Each wish ends in a
//! conversation with somebody, in a message or callback that is there once, or in a sentence.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use parlor_server::{
    app::Config,
    auth::Passwords,
    clock::Timestamp,
    entropy::Entropy,
    presence::Grace,
    setup::{AgentDetails, Setup},
    store::{
        self, Store,
        row::{CallbackPolicy, EndReason, OfflineMessage, Thread, ThreadStatus, WhenOffline},
    },
};
use parlor_session::{SendState, Stage};
use parlor_wire::{ChatId, DeploymentId};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    agent::Agent,
    device::Device,
    judge::{self, Log},
    network::{Counts, Network, count},
};

/// How often an agent looks for something to do.
const LOOKS_EVERY: Duration = Duration::from_millis(900);

/// After so long without an agent, the endpoint counts them as gone: longer than a bad network is
/// silent, and short beside the time for which agents go.
const GRACE: Duration = Duration::from_secs(6);

/// After so long without anybody, the chats of agents who have gone become messages.
const ABANDONED_AFTER: Duration = Duration::from_secs(12);

/// The endpoint of such a world: one process, which forgets agents soon.
pub(crate) fn config() -> Config {
    Config {
        grace: Grace {
            socket: GRACE,
            program: GRACE,
            chats: ABANDONED_AFTER,
        },
        ..Config::default()
    }
}

/// Visitors can ask for a callback wherever there is a place to. While nobody is there, they leave
/// messages.
pub(crate) async fn offer_callbacks(
    store: &dyn Store,
    deployment: &DeploymentId,
) -> store::Result<()> {
    let mut tx = store.begin().await?;
    if let Some(mut row) = tx.deployment(deployment).await? {
        row.settings.when_offline = WhenOffline::Message;
        row.settings.callback = Some(CallbackPolicy {
            hello: true,
            waiting: true,
            offline: true,
            ..CallbackPolicy::default()
        });
        tx.put_deployment(&row).await?;
    }
    tx.commit().await
}

/// Adds a colleague; returns their id and the token of their program.
pub(crate) async fn hire(
    store: &dyn Store,
    entropy: &Entropy,
    now: Timestamp,
) -> Result<(String, String), String> {
    let email = "bea@example.com".to_owned().into();
    let setup = Setup {
        store,
        entropy,
        passwords: &Passwords::default(),
        now,
    };
    let added = async {
        let (agent, _) = setup
            .add_agent(&email, None, &AgentDetails::default())
            .await?;
        let token = setup.add_token(&email, "program", None).await?;
        Ok::<_, parlor_server::setup::SetupError>((agent, token))
    };
    let (agent, token) = added.await.map_err(|error| error.to_string())?;
    Ok((agent.id.to_string(), token.expose_secret().to_owned()))
}

/// The agents, and until when each of them is away.
pub(crate) struct Staff {
    agents: Vec<Member>,
    /// How far each callback is, by its thread.
    callbacks: RefCell<BTreeMap<String, usize>>,
}

struct Member {
    agent: Agent,
    away_until: Cell<Option<Instant>>,
    /// They accept no more chats, and say so before they go.
    says_so: Cell<bool>,
}

impl Staff {
    pub(crate) fn new(agents: Vec<Agent>) -> Self {
        let member = |agent| Member {
            agent,
            away_until: Cell::new(None),
            says_so: Cell::new(false),
        };
        Self {
            agents: agents.into_iter().map(member).collect(),
            callbacks: RefCell::default(),
        }
    }

    /// They are there before the visitor is, who finds somebody. `network`: one without faults.
    pub(crate) async fn come(&self, network: &Network) {
        for member in &self.agents {
            let agent = Agent {
                network: network.clone(),
                ..member.agent.clone()
            };
            agent.comes().await;
        }
    }

    /// The agent is gone for so long.
    pub(crate) fn goes(&self, agent: usize, ms: u64, says_so: bool) {
        if let Some(member) = self.agents.get(agent) {
            let until = Instant::now() + Duration::from_millis(ms);
            member.away_until.set(Some(until));
            member.says_so.set(says_so);
        }
    }

    /// All are there from now on.
    pub(crate) fn all_come(&self) {
        for member in &self.agents {
            member.away_until.set(None);
            member.says_so.set(false);
        }
    }

    /// Runs the agents for ever.
    pub(crate) async fn run(
        &self,
        agent_texts: &RefCell<Vec<usize>>,
        agent_sent: &RefCell<Vec<String>>,
    ) {
        let runs = self
            .agents
            .iter()
            .map(|member| self.run_member(member, agent_texts, agent_sent));
        futures_util::future::join_all(runs).await;
    }

    async fn run_member(
        &self,
        member: &Member,
        agent_texts: &RefCell<Vec<usize>>,
        agent_sent: &RefCell<Vec<String>>,
    ) {
        let agent = &member.agent;
        loop {
            sleep(LOOKS_EVERY).await;
            if member.says_so.take() {
                let status = json!({"status": "not_accepting_chats"});
                let _ = agent.act("set_routing_status", status).await;
            }
            if member.is_away() {
                continue;
            }
            agent.comes().await;
            let chats = agent.chats().await.unwrap_or_default();
            for chat in chats {
                if member.is_away() {
                    break;
                }
                let text = |at: &str| Some(chat.pointer(at)?.as_str()?.to_owned());
                let Some(id) = text("/id") else { continue };
                if chat.pointer("/last_thread_summary/queue").is_some() {
                    let who = json!({"chat_id": id, "user_id": agent.id, "user_type": "agent"});
                    // The colleague may have been faster, or the visitor has gone.
                    let _ = agent.act("add_user_to_chat", who).await;
                }
                let active = chat.pointer("/last_thread_summary/active") == Some(&true.into());
                if !active || agent_texts.borrow().is_empty() {
                    continue;
                }
                let n = agent_texts.borrow_mut().remove(0);
                let said = format!("agent {n}");
                // Refused where the colleague answers, or the conversation is over.
                match agent.send(&id, &said, &format!("a{n}"), "all").await {
                    Ok(()) => agent_sent.borrow_mut().push(said),
                    Err(_) => agent_texts.borrow_mut().insert(0, n),
                }
            }
            self.answer_messages(member).await;
            self.make_callbacks(member).await;
        }
    }

    /// Answers each message that was left.
    async fn answer_messages(&self, member: &Member) {
        for message in listed(&member.agent, false).await {
            if member.is_away() {
                return;
            }
            let thread = message.get("thread_id");
            let event = json!({"type": "message", "text": "answer", "custom_id": thread});
            let payload = json!({"chat_id": message.get("chat_id"), "thread_id": thread,
                "event": event});
            // Refused if it is answered already.
            let _ = member.agent.act("send_event", payload).await;
        }
    }

    /// Takes each callback one step further: some are made at once, some are missed and made again,
    /// and some are put off.
    async fn make_callbacks(&self, member: &Member) {
        for callback in listed(&member.agent, true).await {
            if member.is_away() {
                return;
            }
            let Some(thread) = callback.get("thread_id").and_then(Value::as_str) else {
                continue;
            };
            let step = {
                let mut callbacks = self.callbacks.borrow_mut();
                let step = callbacks.entry(thread.to_owned()).or_default();
                *step += 1;
                *step + thread.len() + thread.bytes().map(usize::from).sum::<usize>()
            };
            let update = |change: Value| {
                let mut payload = json!({"chat_id": callback.get("chat_id"), "thread_id": thread});
                for (name, value) in change.as_object().into_iter().flatten() {
                    if let Some(payload) = payload.as_object_mut() {
                        payload.insert(name.clone(), value.clone());
                    }
                }
                member.agent.act("update_offline_message", payload)
            };
            let _ = match step % 3 {
                0 => update(json!({"is_open": false, "outcome": "done"})).await,
                1 => {
                    let missed = json!({"is_open": false, "outcome": "missed"});
                    let _ = update(missed).await;
                    update(json!({"is_open": true})).await
                }
                _ => update(json!({"is_open": true})).await,
            };
        }
    }
}

impl Member {
    fn is_away(&self) -> bool {
        let until = self.away_until.get();
        until.is_some_and(|until| until > Instant::now())
    }
}

async fn listed(agent: &Agent, callbacks: bool) -> Vec<Value> {
    let payload = json!({ "callbacks": callbacks });
    let listed = agent.act("list_offline_messages", payload).await;
    let listed = listed.unwrap_or_default();
    let messages = listed.get("messages").and_then(Value::as_array);
    messages.cloned().unwrap_or_default()
}

/// The ids of these chats.
pub(crate) fn ids(chats: &[Value]) -> Vec<ChatId> {
    let ids = chats.iter().filter_map(|chat| chat.get("id"));
    ids.filter_map(Value::as_str).map(ChatId::from).collect()
}

/// Counts how the visitor's wishes have ended, to show that each of the ways is among them.
pub(crate) fn count_outcomes(counts: &Counts, rows: &[(Thread, Option<OfflineMessage>)]) {
    for (thread, message) in rows {
        let is_callback = message.as_ref().is_some_and(|it| it.callback.is_some());
        let was_active = thread.accepted_at.is_some();
        match (message, thread.end_reason) {
            (Some(_), Some(EndReason::AgentTimeout)) => {
                count(counts, "wish: conversation that became a message");
            }
            (Some(_), _) if is_callback => count(counts, "wish: callback"),
            (Some(_), _) => count(counts, "wish: message"),
            (None, Some(_)) if !was_active => count(counts, "wish: left the queue"),
            (None, _) => count(counts, "wish: conversation"),
        }
    }
}

/// Returns all violations. `log` has the texts of each thread, and `rows` all threads with the message
/// that each of them is, if it is one.
pub(crate) fn judge(
    device: &Device,
    log: &[Log],
    rows: &[(Thread, Option<OfflineMessage>)],
    agent_sent: &[String],
) -> Vec<String> {
    let mut violations = judge_texts(device, log, agent_sent);
    if rows.len() != log.len() {
        let (read, listed) = (rows.len(), log.len());
        violations.push(format!(
            "{read} threads are stored, and {listed} are listed"
        ));
    }
    violations.extend(judge_threads(rows));
    violations.extend(judge_callbacks(device, log, rows));
    violations.extend(judge_windows(device, rows));
    violations
}

/// Each text that the visitor wrote is in the log, once.
fn judge_texts(device: &Device, log: &[Log], agent_sent: &[String]) -> Vec<String> {
    let observed = &device.observed;
    let mut violations = Vec::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for line in log.iter().flatten().flat_map(|text| text.lines()) {
        *times.entry(line).or_default() += 1;
    }
    let forgotten = observed.conversation_forgotten;
    for (text, times) in &times {
        let again = forgotten
            || *text == "answer"
            || observed.sent_again.contains(*text)
            || observed.may_be_lost.contains(*text);
        if *times > 1 && !again {
            violations.push(format!("{text:?} is in the log {times} times"));
        }
    }
    for text in observed.displayed_as_sent.iter().chain(agent_sent) {
        if !times.contains_key(text.as_str()) {
            violations.push(format!("{text:?} was confirmed, and is not in the log"));
        }
    }
    let unsent = |text: &String| {
        let mut lines = device.mirrors().into_iter().flat_map(|it| &it.lines);
        device.drafts().any(|draft| draft.contains(text.as_str()))
            || lines.any(|line| {
                matches!(line.state, Some(SendState::Failed(_)))
                    && matches!(&*line.body, parlor_session::Body::Text(it) if it.contains(text.as_str()))
            })
    };
    for text in observed.written.values().flatten() {
        let known = times.contains_key(text.as_str()) || observed.may_be_lost.contains(text);
        if !known && !unsent(text) {
            violations.push(format!("{text:?} was written, and is nowhere"));
        }
    }
    violations
}

/// Nobody waits where agents are, each message is answered, and a conversation whose agents have gone
/// is a message.
fn judge_threads(rows: &[(Thread, Option<OfflineMessage>)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (thread, message) in rows {
        let id = &thread.id;
        let left_by_agents = thread.end_reason == Some(EndReason::AgentTimeout);
        if thread.status == ThreadStatus::Queued {
            violations.push(format!("{id} waits, and two agents are there"));
        }
        if left_by_agents && message.is_none() {
            violations.push(format!(
                "the agents of {id} have gone, and it is no message"
            ));
        }
        if message.is_some() && thread.status != ThreadStatus::Ended {
            violations.push(format!("{id} is a message, and has not ended"));
        }
        if message.as_ref().is_some_and(|message| message.is_open) {
            violations.push(format!(
                "the message {id} is open, and two agents are there"
            ));
        }
        // The visitor has stopped to wait only by leaving something.
        let stopped = thread.end_reason == Some(EndReason::Client) && thread.accepted_at.is_none();
        let left_later = rows.iter().any(|(other, message)| {
            let is_later = other.created_at >= thread.created_at && other.id != thread.id;
            message.is_some() && is_later
        });
        if stopped && !left_later {
            violations.push(format!("{id} has ended in the queue, and nothing was left"));
        }
    }
    violations
}

/// Each callback that the visitor asked for is there, once.
fn judge_callbacks(
    device: &Device,
    log: &[Log],
    rows: &[(Thread, Option<OfflineMessage>)],
) -> Vec<String> {
    let observed = &device.observed;
    let asked: std::collections::BTreeSet<&String> = observed
        .written
        .values()
        .flatten()
        .filter(|text| text.starts_with("callback"))
        .collect();
    let has = |texts: &Log, wanted: &str| {
        let mut lines = texts.iter().flat_map(|text| text.lines());
        lines.any(|line| line == wanted)
    };
    let found = asked
        .iter()
        .filter(|wanted| log.iter().any(|texts| has(texts, wanted)))
        .count();
    let callbacks = rows.iter().filter(|(_, message)| {
        let callback = message
            .as_ref()
            .and_then(|message| message.callback.as_ref());
        callback.is_some()
    });
    let callbacks = callbacks.count();
    if callbacks < found || (callbacks > found && !observed.conversation_forgotten) {
        return vec![format!(
            "{found} callbacks were asked for, and there are {callbacks}"
        )];
    }
    Vec::new()
}

/// Every window tells the visitor how things are.
fn judge_windows(device: &Device, rows: &[(Thread, Option<OfflineMessage>)]) -> Vec<String> {
    let mut violations = judge::judge_tabs(device);
    if !device.has_sent_all() {
        violations.push("the visitor could not say or leave everything".to_owned());
    }
    let is_active =
        |(thread, _): &(Thread, Option<OfflineMessage>)| thread.status == ThreadStatus::Active;
    for mirror in device.mirrors() {
        let stage = mirror.stage();
        match stage {
            Some(Stage::Chatting) if !rows.iter().any(is_active) => {
                violations.push("a tab displays a conversation that is over".to_owned());
            }
            Some(
                Stage::Hello
                | Stage::Offline
                | Stage::MessageLeft
                | Stage::Chatting
                | Stage::Ended(_)
                | Stage::Failed(_),
            ) => {}
            _ => violations.push(format!("a tab displays {stage:?}")),
        }
    }
    violations
}
