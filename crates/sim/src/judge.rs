//! What must be true of every world, once the faults are over and everything
//! has had its time to settle.

use std::collections::BTreeMap;

use parlor_session::{Author, Body, Change, Connection, Mirror, SendState};

use crate::device::Device;

/// What the endpoint keeps that a visitor may see: `(author is the agent,
/// text)`, in order.
pub(crate) type Log = Vec<String>;

/// The texts that a tab shows, without what failed.
pub(crate) fn shown(mirror: &Mirror) -> Vec<String> {
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
/// conversation, the newest last; `answered`: what the agent was told is sent.
pub(crate) fn judge(device: &Device, log: &[Log], answered: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for conversation in log {
        for (text, times) in count(conversation) {
            if times > 1 {
                wrong.push(format!("{text:?} is in a conversation {times} times"));
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
        let again = device.seen.forgot && device.seen.said_again.contains(*text);
        if *times > 1 && !again {
            wrong.push(format!("{text:?} is in the log {times} times"));
        }
    }
    for text in device.seen.sent.iter().chain(answered) {
        if written(text) == 0 {
            wrong.push(format!("{text:?} was told to be sent, and is lost"));
        }
    }
    for said in device.seen.said.values() {
        wrong.extend(order(device, log, said));
        for text in said {
            if written(text) == 0 && !device.seen.excused.contains(text) {
                wrong.push(format!("{text:?} was written, and never arrived"));
            }
        }
    }
    wrong.extend(agent_order(log, answered));
    if !device.has_said_all() {
        wrong.push("there was no conversation to say something in".to_owned());
    }
    if device.leaders() != 1 {
        wrong.push(format!("{} tabs lead", device.leaders()));
    }
    if device.polls() > 1 {
        wrong.push(format!("{} polls are open", device.polls()));
    }
    let mirrors = device.mirrors();
    for mirror in &mirrors {
        if !mirror.shows(&Change::Connection(Connection::Connected)) {
            wrong.push("a tab still says Reconnecting".to_owned());
        }
        let texts = shown(mirror);
        // What only a tab knew that is gone, for the device refused to keep it,
        // goes on without the visitor; the newest conversation all must show.
        let all = texts == *log || (device.seen.forgot && texts.ends_with(&newest));
        if !all {
            wrong.push(format!("a tab shows {texts:?}, and the log has {log:?}"));
        }
        for line in &mirror.lines {
            if matches!(
                line.state,
                Some(SendState::Queued | SendState::Sending | SendState::Failed(_))
            ) {
                wrong.push(format!("{:?} is {:?}", line.id, line.state));
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
            wrong.push(format!("the tabs show different things: {differs:?}"));
        }
    }
    wrong
}

/// Whether these texts are the conversation that goes on: the newest. Where the device
/// refused to keep one, and another was begun, it is the later by the device's clock;
/// where that was put meanwhile, any of them.
pub(crate) fn goes_on(device: &Device, log: &[Log], texts: &Log) -> bool {
    log.last()
        .map_or(texts.is_empty(), |newest| newest == texts)
        || (device.seen.forgot && device.clock_was_put() && log.contains(texts))
}

fn count(log: &Log) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for text in log {
        *times.entry(text.as_str()).or_default() += 1;
    }
    times
}

/// What one tab's visitor wrote keeps its order, unless it was tried again.
fn order(device: &Device, log: &Log, said: &[String]) -> Option<String> {
    let straight = |text: &&String| said.contains(text) && !device.seen.failed.contains(*text);
    let written: Vec<&String> = log.iter().filter(straight).collect();
    let expected: Vec<&String> = said.iter().filter(|t| written.contains(t)).collect();
    (written != expected).then(|| format!("{expected:?} were written as {written:?}"))
}

fn agent_order(log: &Log, answered: &[String]) -> Option<String> {
    let written: Vec<&String> = log.iter().filter(|t| answered.contains(t)).collect();
    let expected: Vec<&String> = answered.iter().collect();
    (written != expected).then(|| format!("the agent said {expected:?}, written is {written:?}"))
}
