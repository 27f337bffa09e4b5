//! The endpoint ends under conversations, in turn by SIGTERM and as by a power cut, and starts again.
//! Afterwards each message that was answered is in the log once and in its sender's order, and each
//! of the agent's has reached its visitor.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{task::JoinSet, time::sleep};

use super::talking::Talkers;
use crate::{
    Setting,
    agent::Chat,
    measure::Latencies,
    report::{Figure, Report, grouped},
    stage::Stage,
};

const CHATTING: usize = 100;

/// Between two ends: long enough for every session to be handed over in between.
const PAUSE: Duration = Duration::from_secs(3);

/// Between two messages of the agent in one chat.
const AGENT_PAUSE: Duration = Duration::from_millis(250);

pub(super) async fn run(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let (mut stage, chats) = Stage::with_chats(setting, CHATTING).await?;
    stage.site.expect_restarts();

    let stopped = Arc::new(AtomicBool::new(false));
    let mut agents = JoinSet::new();
    for chat in &chats {
        let (chat, stopped) = (chat.clone(), stopped.clone());
        agents.spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                chat.write().await;
                sleep(AGENT_PAUSE).await;
            }
        });
    }
    let talkers = Talkers::start(&chats);
    let mut starts = Latencies::default();
    for restart in 0..size {
        sleep(PAUSE).await;
        let begun = Instant::now();
        stage.restart(restart % 2 == 1).await?;
        starts.add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    sleep(PAUSE).await;
    let events = talkers.stop().await;
    stopped.store(true, Ordering::Relaxed);
    while agents.join_next().await.is_some() {}
    let hand_overs = stage.site.hand_overs.load(Ordering::Relaxed);
    stage.all_received(&chats).await;
    let mut logged = 0;
    for chat in &chats {
        logged += check_log(&stage, chat).await?;
    }

    let mut report = Report::new(format!(
        "{name}={size}: {CHATTING} chats both ways, {size} ends by SIGTERM and SIGKILL in turn"
    ));
    let slowest = Figure::percentile(&starts, 100);
    report.row("from the end to listening again, at most", slowest, "");
    let sent: u64 = chats.iter().map(|chat| chat.sent()).sum();
    report.note(format!(
        "{} messages of visitors and {} of the agent were answered; the log has {}; {} hand-overs",
        grouped(events.len() as u64),
        grouped(sent),
        grouped(logged),
        grouped(hand_overs as u64),
    ));
    stage.close(&mut report).await?;
    Ok(report)
}

/// Compares the log of a chat with what was answered. Returns how many messages it has.
async fn check_log(stage: &Stage, chat: &Chat) -> Result<u64> {
    let texts = chat.visitor.texts().await?;
    let (of_visitor, of_agent): (Vec<u64>, Vec<u64>) = (
        numbers(&texts, |word| word.strip_prefix('v')),
        numbers(&texts, Some),
    );
    let answered = chat.visitor.written();
    for (who, found, sent) in [
        ("the visitor", of_visitor, answered),
        ("the agent", of_agent, chat.sent()),
    ] {
        if let Some(wrong) = compare(&found, sent) {
            stage.site.tally.violation(format!("{who}: {wrong}"));
        }
    }
    Ok(texts.len() as u64)
}

/// The numbers of one side's messages, in the order of the log.
fn numbers<'a>(texts: &'a [(u64, String)], own: impl Fn(&'a str) -> Option<&'a str>) -> Vec<u64> {
    let words = texts.iter().filter_map(|(_, text)| text.split_once(' '));
    let own = words.filter_map(|(word, _)| own(word)?.parse().ok());
    own.collect()
}

/// What is wrong with a log that is to have the messages from 1 to `sent` once and in order.
fn compare(found: &[u64], sent: u64) -> Option<String> {
    if found.iter().copied().eq(1..=sent) {
        return None;
    }
    let lost = (1..=sent).filter(|number| !found.contains(number)).count();
    let mut once = found.to_vec();
    once.sort_unstable();
    once.dedup();
    let doubled = found.len() - once.len();
    Some(format!(
        "of {sent} messages that were answered, {lost} are not in the log, {doubled} are there twice{}",
        match found.is_sorted() {
            true => "",
            false => ", and not in order",
        }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_each_message_once_and_in_order() {
        assert_eq!(compare(&[1, 2, 3], 3), None);
        assert_eq!(compare(&[], 0), None);
        let wrong = |found: &[u64]| compare(found, 3).unwrap();
        assert!(wrong(&[1, 3]).contains("1 are not in the log"));
        assert!(wrong(&[1, 2, 2, 3]).contains("1 are there twice"));
        assert!(wrong(&[2, 1, 3]).contains("not in order"));
    }

    #[test]
    fn messages_belong_to_who_wrote_them() {
        let texts = ["v1 10", "1 20", "hello", "v2 30"];
        let texts: Vec<_> = texts.iter().map(|text| (0, (*text).to_owned())).collect();
        assert_eq!(numbers(&texts, |word| word.strip_prefix('v')), [1, 2]);
        assert_eq!(numbers(&texts, Some), [1]);
    }
}
