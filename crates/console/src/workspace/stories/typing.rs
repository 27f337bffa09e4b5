use super::*;

fn typing(console: &mut TestConsole, on: bool) {
    console.push_at(
        None,
        "incoming_typing_indicator",
        json!({ "chat_id": "A", "typing_indicator": { "author_id": "ada", "is_typing": on } }),
    );
}

fn typing_calls(console: &mut TestConsole) -> Vec<bool> {
    let typing_calls = console.calls.iter().filter_map(|(_, call)| match call {
        Call::SendTypingIndicator(typing) => Some(typing.is_typing),
        _ => None,
    });
    let typing_calls = typing_calls.collect();
    console.calls.clear();
    typing_calls
}

#[test]
fn message_ends_the_typing_indicator() {
    let mut console = answering_ada();
    typing(&mut console, true);
    assert_eq!(
        console.workspace.typing_preview().name.as_deref(),
        Some("Ada")
    );
    assert!(console.workspace.lists().mine[0].typing);
    console.receive_from_ada(2, "there");
    assert_eq!(console.workspace.typing_preview(), TypingPreview::default());
}

#[test]
fn typing_indicator_times_out() {
    let mut console = answering_ada();
    typing(&mut console, true);
    console.advance(limits::TYPING_LASTS - 1);
    assert!(console.workspace.typing_preview().typing);
    console.advance(1);
    assert!(!console.workspace.typing_preview().typing);
}

#[test]
fn sneak_peek_shows_the_latest_text() {
    let mut console = answering_ada();
    let peek = |console: &mut TestConsole, text: &str| {
        let peek = json!({ "chat_id": "A", "sneak_peek": { "author_id": "ada", "text": text } });
        console.push_at(None, "incoming_sneak_peek", peek);
    };
    peek(&mut console, "I wou");
    typing(&mut console, true);
    assert_eq!(
        console.workspace.typing_preview().text.as_deref(),
        Some("I wou")
    );
    peek(&mut console, "I would");
    assert_eq!(
        console.workspace.typing_preview().text.as_deref(),
        Some("I would")
    );
    peek(&mut console, "");
    assert_eq!(console.workspace.typing_preview(), TypingPreview::default());
}

#[test]
fn typing_indicator_is_sent_and_ended() {
    let mut console = answering_ada();
    console.act(Intent::Write("I".to_owned()));
    console.act(Intent::Write("I s".to_owned()));
    assert_eq!(typing_calls(&mut console), [true], "not for every key");
    console.advance(limits::TYPING_STOPS_AFTER);
    assert_eq!(typing_calls(&mut console), [false]);
    console.act(Intent::Write("I se".to_owned()));
    assert_eq!(typing_calls(&mut console), [true]);
    console.act(Intent::Write(String::new()));
    assert_eq!(typing_calls(&mut console), [false]);
}

#[test]
fn private_note_sends_no_typing_indicator() {
    let mut console = answering_ada();
    console.act(Intent::Write("I".to_owned()));
    console.act(Intent::NoteMode(true));
    assert_eq!(typing_calls(&mut console), [true, false]);
    console.act(Intent::Write("It is".to_owned()));
    assert_eq!(typing_calls(&mut console), Vec::<bool>::new());
}

#[test]
fn opening_another_chat_ends_the_typing_indicator() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.act(Intent::Write("I".to_owned()));
    console.select("B");
    assert_eq!(typing_calls(&mut console), [true, false]);
}
