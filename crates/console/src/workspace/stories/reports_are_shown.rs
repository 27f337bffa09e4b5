//! Numbers of conversations are shown for a span of time, a team, or an agent.

use parlor_wire::agent::{ArchiveReport, GetArchiveReport, ReportInterval};

use super::archive_is_searched::show;
use super::*;

fn report(chats: u64) -> Reply {
    let report = json!({ "total": { "chats": chats },
        "intervals": [{ "key": "2026-11-30", "name": "2026-11-30", "chats": chats }],
        "agents": [{ "key": ME, "name": "Mia", "chats": chats }] });
    let report: ArchiveReport = decode_value(report).unwrap();
    Reply::Report(Box::new(report))
}

/// Answers the newest question, and returns it.
fn answer(console: &mut TestConsole, reply: Result<Reply, Fault>) -> GetArchiveReport {
    let (id, call) = console.calls.pop_back().expect("a question");
    console.input(Input::CallReply(id, reply));
    match call {
        Call::GetArchiveReport(call) => *call,
        other => panic!("{other:?}"),
    }
}

fn act(console: &mut TestConsole, intent: ReportIntent) {
    console.act(Intent::Report(intent));
}

fn chats(console: &TestConsole) -> Option<u64> {
    let report = console.workspace.report().report?;
    Some(report.total.chats)
}

/// The reports are open, and show the last 30 days.
fn opened() -> TestConsole {
    let mut console = TestConsole::signed_in(&[]);
    show(&mut console, Section::Reports);
    let asked = answer(&mut console, Ok(report(30)));
    assert_eq!(
        (asked.from.as_str(), asked.to.as_str()),
        ("2026-11-01", "2026-11-30")
    );
    assert_eq!(asked.time_zone.as_deref(), Some("Europe/Berlin"));
    answer(&mut console, Ok(report(365)));
    console
}

#[test]
fn spans_of_time_have_steps_that_fit() {
    let mut console = opened();
    assert_eq!(chats(&console), Some(30));
    assert_eq!(
        console.workspace.report().agents,
        [(ME.into(), "Mia".to_owned())]
    );
    act(&mut console, ReportIntent::Span(Span::LastYear));
    assert!(console.workspace.report().busy);
    let asked = answer(&mut console, Ok(report(12)));
    assert_eq!(
        (asked.from.as_str(), asked.to.as_str()),
        ("2025-01-01", "2025-12-31")
    );
    assert_eq!(asked.interval, Some(ReportInterval::Month));
    assert_eq!(
        console.workspace.report().interval,
        Some(ReportInterval::Month)
    );
    let (from, to) = ("2026-11-03".to_owned(), "2026-11-04".to_owned());
    act(&mut console, ReportIntent::Days(from, to));
    let asked = answer(&mut console, Ok(report(2)));
    assert_eq!(
        (asked.from.as_str(), asked.to.as_str()),
        ("2026-11-03", "2026-11-04")
    );
    assert_eq!(console.workspace.report().span, Span::Days);
}

#[test]
fn days_that_are_no_span_are_not_asked_for() {
    let mut console = opened();
    act(
        &mut console,
        ReportIntent::Days("2026-11-30".to_owned(), "2026-11-01".to_owned()),
    );
    assert!(
        console.calls.is_empty()
            || !matches!(console.calls.back(), Some((_, Call::GetArchiveReport(_))))
    );
    assert!(console.workspace.report().no_span);
    act(
        &mut console,
        ReportIntent::Days(String::new(), "2026-11-01".to_owned()),
    );
    assert!(console.workspace.report().no_span);
}

#[test]
fn one_team_or_agent_is_asked_for() {
    let mut console = opened();
    act(&mut console, ReportIntent::Team(Some(4)));
    let asked = answer(&mut console, Ok(report(4)));
    assert_eq!((asked.group_ids, asked.agent_id), (Some(vec![4]), None));
    act(&mut console, ReportIntent::Agent(Some(BEA.into())));
    let asked = answer(&mut console, Err(Fault::Offline));
    assert_eq!(asked.agent_id, Some(BEA.into()));
    assert_eq!(console.workspace.report().failed, Some(Fault::Offline));
    act(&mut console, ReportIntent::Again);
    answer(&mut console, Ok(report(1)));
    assert_eq!(chats(&console), Some(1));
}

#[test]
fn late_reply_to_an_earlier_question_is_dropped() {
    let mut console = opened();
    act(&mut console, ReportIntent::Span(Span::LastDays(7)));
    act(&mut console, ReportIntent::Span(Span::LastDays(90)));
    answer(&mut console, Ok(report(90)));
    answer(&mut console, Ok(report(7)));
    assert_eq!(chats(&console), Some(90));
}

#[test]
fn numbers_are_downloaded() {
    let mut console = opened();
    console.take_outputs();
    act(&mut console, ReportIntent::Download);
    let outputs = console.take_outputs();
    let file = outputs.iter().find_map(|output| match output {
        Output::Download {
            name,
            kind,
            content,
        } => Some((name, kind, content)),
        _ => None,
    });
    let (name, kind, content) = file.expect("a file");
    assert_eq!(
        (name.as_str(), *kind),
        ("report-2026-11-01-2026-11-30.csv", "text/csv")
    );
    assert!(content.contains("agent,Mia,30,"), "{content}");
}
