//! What must be true of every world, once the faults are over and everything
//! has had its time to settle.

use std::collections::BTreeMap;

use parlor_session::{Author, Body, Change, Connection, Mirror, SendState};

use crate::device::Device;

/// What the endpoint keeps that a visitor may see: `(author is the agent,
/// text)`, in order.
pub(crate) type Log = Vec<String>;

/// The texts that a tab shows, without what failed.
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

/// All that is wrong as it stands; empty in a good world. `log`: one for each
/// conversation, the newest last; `agent_sent`: what the agent was told is sent.
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
        // Who began anew knew nothing of the conversation before, and the endpoint
        // could not know that it is the same visitor who says it again.
        let again =
            device.observed.conversation_forgotten && device.observed.sent_again.contains(*text);
        if *times > 1 && !again {
            violations.push(format!("{text:?} is in the log {times} times"));
        }
    }
    for text in device.observed.displayed_as_sent.iter().chain(agent_sent) {
        if written(text) == 0 {
            violations.push(format!("{text:?} was told to be sent, and is lost"));
        }
    }
    for sent in device.observed.written.values() {
        violations.extend(visitor_order(device, log, sent));
        for text in sent {
            if written(text) == 0 && !device.observed.may_be_lost.contains(text) {
                violations.push(format!("{text:?} was written, and never arrived"));
            }
        }
    }
    violations.extend(agent_order(log, agent_sent));
    if !device.has_sent_all() {
        violations.push("there was no conversation to say something in".to_owned());
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
            violations.push("a tab still says Reconnecting".to_owned());
        }
        let texts = displayed_texts(mirror);
        // What only a tab knew that is gone, for the device refused to keep it,
        // goes on without the visitor; the newest conversation all must show.
        let all =
            texts == *log || (device.observed.conversation_forgotten && texts.ends_with(&newest));
        if !all {
            violations.push(format!("a tab shows {texts:?}, and the log has {log:?}"));
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
            violations.push(format!("the tabs show different things: {differs:?}"));
        }
    }
    violations
}

/// Whether these texts are the conversation that goes on: the newest. Where the device
/// refused to keep one, and another was begun, it is the later by the device's clock;
/// where that was put meanwhile, any of them.
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

/// What one tab's visitor wrote keeps its order, unless it was tried again.
fn visitor_order(device: &Device, log: &Log, sent: &[String]) -> Option<String> {
    let is_in_order = |text: &&String| {
        sent.contains(text) && !device.observed.displayed_as_failed.contains(*text)
    };
    let written: Vec<&String> = log.iter().filter(is_in_order).collect();
    let expected: Vec<&String> = sent.iter().filter(|t| written.contains(t)).collect();
    (written != expected).then(|| format!("{expected:?} were written as {written:?}"))
}

fn agent_order(log: &Log, agent_sent: &[String]) -> Option<String> {
    let written: Vec<&String> = log.iter().filter(|t| agent_sent.contains(t)).collect();
    let expected: Vec<&String> = agent_sent.iter().collect();
    (written != expected).then(|| format!("the agent said {expected:?}, written is {written:?}"))
}
