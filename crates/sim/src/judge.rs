//! Checks what must be true of every world once the faults are over and it has had time to settle.

use std::collections::BTreeMap;

use parlor_session::{Author, Body, Change, Connection, Mirror, SendState, Stage};

use crate::device::Device;

/// The texts of one conversation in the endpoint's log that the visitor may see, in order.
pub(crate) type Log = Vec<String>;

/// The texts that a tab displays, without failed messages.
pub(crate) fn displayed_texts(mirror: &Mirror) -> Vec<String> {
    mirror
        .lines
        .iter()
        .filter(|line| line.author != Author::System)
        .filter(|line| !matches!(line.state, Some(SendState::Failed(_))))
        .filter_map(|line| match &*line.body {
            Body::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// Returns all violations. `log` has one entry for each conversation, the newest last. `agent_sent` are
/// the agent's texts that the endpoint has confirmed.
pub(crate) fn judge(device: &Device, log: &[Log], agent_sent: &[String]) -> Vec<String> {
    let mut violations = Vec::new();
    for conversation in log {
        for (text, times) in count(conversation) {
            if times > 1 {
                violations.push(format!("{text:?} is in a conversation {times} times"));
            }
        }
    }
    let newest = log.last().cloned().unwrap_or_default();
    let log = &log.concat();
    let times = count(log);
    let written = |text: &str| times.get(text).copied().unwrap_or(0);
    for (text, times) in &times {
        // A tab that did not know of the first conversation began a second one. The endpoint cannot
        // know that the same visitor sends the same message in it.
        let again =
            device.observed.conversation_forgotten && device.observed.sent_again.contains(*text);
        if *times > 1 && !again {
            violations.push(format!("{text:?} is in the log {times} times"));
        }
    }
    for text in device.observed.displayed_as_sent.iter().chain(agent_sent) {
        if written(text) == 0 {
            violations.push(format!(
                "{text:?} was displayed as sent, and is not in the log"
            ));
        }
    }
    for sent in device.observed.written.values() {
        violations.extend(visitor_order(device, log, sent));
        for text in sent {
            if written(text) == 0 && !device.observed.may_be_lost.contains(text) {
                violations.push(format!("{text:?} was written, and is not in the log"));
            }
        }
    }
    violations.extend(agent_order(log, agent_sent));
    if !device.has_sent_all() {
        violations.push("the visitor had no conversation to send all texts in".to_owned());
    }
    if device.leaders() != 1 {
        violations.push(format!("{} tabs lead", device.leaders()));
    }
    if device.polls() > 1 {
        violations.push(format!("{} polls are open", device.polls()));
    }
    let mirrors = device.mirrors();
    for mirror in &mirrors {
        if !mirror.shows(&Change::Connection(Connection::Connected)) {
            violations.push("a tab still displays Reconnecting".to_owned());
        }
        let texts = displayed_texts(mirror);
        // If a conversation was forgotten because the device refused to store it, the tabs need not
        // display it. All must display the newest one.
        let all =
            texts == *log || (device.observed.conversation_forgotten && texts.ends_with(&newest));
        if !all {
            violations.push(format!("a tab displays {texts:?}, and the log has {log:?}"));
        }
        for line in &mirror.lines {
            if matches!(
                line.state,
                Some(SendState::Queued | SendState::Sending | SendState::Failed(_))
            ) {
                violations.push(format!("{:?} is {:?}", line.id, line.state));
            }
        }
    }
    for pair in mirrors.windows(2) {
        if let [one, other] = pair
            && one != other
        {
            let known = one.changes();
            let differs = other.changes().into_iter().filter(|it| !known.contains(it));
            let differs: Vec<Change> = differs.collect();
            violations.push(format!("two tabs differ in what they display: {differs:?}"));
        }
    }
    violations
}

/// The same for a world in which nobody is there, and every text is left as a message: none is lost
/// without a word, and none is there twice.
pub(crate) fn judge_messages(device: &Device, log: &[Log]) -> Vec<String> {
    let mut violations = Vec::new();
    let is_visitors = |text: &&String| text.starts_with("visitor");
    let visitors: Log = log.iter().flatten().filter(is_visitors).cloned().collect();
    let times = count(&visitors);
    for (text, times) in &times {
        // A tab that did not know of the message offered the form again.
        let again =
            device.observed.conversation_forgotten || device.observed.may_be_lost.contains(*text);
        if *times > 1 && !again {
            violations.push(format!("{text:?} was left {times} times"));
        }
    }
    let sent = device.observed.displayed_as_sent.iter().filter(is_visitors);
    for text in sent {
        if !times.contains_key(text.as_str()) {
            violations.push(format!("{text:?} was confirmed, and is not in the log"));
        }
    }
    for message in log {
        if message.len() != 2 {
            violations.push(format!("a message and its answer are {message:?}"));
        }
    }
    if !device.has_sent_all() {
        violations.push("the visitor could not leave all messages".to_owned());
    }
    violations.extend(judge_tabs(device));
    for mirror in device.mirrors() {
        if !matches!(
            mirror.stage(),
            Some(Stage::Hello | Stage::Offline | Stage::MessageLeft)
        ) {
            violations.push(format!("a tab displays {:?}", mirror.stage()));
        }
    }
    violations
}

/// One tab leads, at most one polls, and all are connected and display the same.
pub(crate) fn judge_tabs(device: &Device) -> Vec<String> {
    let mut violations = Vec::new();
    if device.leaders() != 1 {
        violations.push(format!("{} tabs lead", device.leaders()));
    }
    if device.polls() > 1 {
        violations.push(format!("{} polls are open", device.polls()));
    }
    let mirrors = device.mirrors();
    for mirror in &mirrors {
        if !mirror.shows(&Change::Connection(Connection::Connected)) {
            violations.push("a tab still displays Reconnecting".to_owned());
        }
    }
    for pair in mirrors.windows(2) {
        if let [one, other] = pair
            && one != other
        {
            violations.push("two tabs differ in what they display".to_owned());
        }
    }
    violations
}

/// Whether these texts are the conversation that a newly opened tab must display: the newest in the
/// log. If the device refused to store a conversation, a second one was begun, and the device's clock
/// was changed in between, any conversation in the log is accepted, because the device orders them by
/// its own clock.
pub(crate) fn is_current(device: &Device, log: &[Log], texts: &Log) -> bool {
    log.last()
        .map_or(texts.is_empty(), |newest| newest == texts)
        || (device.observed.conversation_forgotten
            && device.clock_was_changed()
            && log.contains(texts))
}

fn count(log: &Log) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for text in log {
        *times.entry(text.as_str()).or_default() += 1;
    }
    times
}

/// The texts that were written in one tab must keep their order, except those that failed at some time.
fn visitor_order(device: &Device, log: &Log, sent: &[String]) -> Option<String> {
    let is_in_order = |text: &&String| {
        sent.contains(text) && !device.observed.displayed_as_failed.contains(*text)
    };
    let written: Vec<&String> = log.iter().filter(is_in_order).collect();
    let expected: Vec<&String> = sent.iter().filter(|t| written.contains(t)).collect();
    (written != expected).then(|| format!("{expected:?} are in the log as {written:?}"))
}

fn agent_order(log: &Log, agent_sent: &[String]) -> Option<String> {
    let written: Vec<&String> = log.iter().filter(|t| agent_sent.contains(t)).collect();
    let expected: Vec<&String> = agent_sent.iter().collect();
    (written != expected)
        .then(|| format!("the agent sent {expected:?}, and the log has {written:?}"))
}
