use super::*;

fn typing(day: &mut Day, on: bool) {
    day.push_at(
        None,
        "incoming_typing_indicator",
        json!({ "chat_id": "A", "typing_indicator": { "author_id": "ada", "is_typing": on } }),
    );
}

fn told(day: &mut Day) -> Vec<bool> {
    let told = day.calls.iter().filter_map(|(_, call)| match call {
        Call::SendTypingIndicator(typing) => Some(typing.is_typing),
        _ => None,
    });
    let told = told.collect();
    day.calls.clear();
    told
}

#[test]
fn visitor_types_until_they_say_something() {
    let mut day = with_ada();
    typing(&mut day, true);
    assert_eq!(day.desk.live().name.as_deref(), Some("Ada"));
    assert!(day.desk.lists().mine[0].typing);
    day.ada_says(2, "there");
    assert_eq!(day.desk.live(), Live::default());
}

#[test]
fn dots_do_not_stay_for_ever() {
    let mut day = with_ada();
    typing(&mut day, true);
    day.pass(limits::TYPING_LASTS - 1);
    assert!(day.desk.live().typing);
    day.pass(1);
    assert!(!day.desk.live().typing);
}

#[test]
fn what_is_being_typed_is_shown_as_it_is_now() {
    let mut day = with_ada();
    let peek = |day: &mut Day, text: &str| {
        let peek = json!({ "chat_id": "A", "sneak_peek": { "author_id": "ada", "text": text } });
        day.push_at(None, "incoming_sneak_peek", peek);
    };
    peek(&mut day, "I wou");
    typing(&mut day, true);
    assert_eq!(day.desk.live().text.as_deref(), Some("I wou"));
    peek(&mut day, "I would");
    assert_eq!(day.desk.live().text.as_deref(), Some("I would"));
    peek(&mut day, "");
    assert_eq!(day.desk.live(), Live::default());
}

#[test]
fn visitor_is_told_that_i_type_and_when_i_stop() {
    let mut day = with_ada();
    day.want(Intent::Write("I".to_owned()));
    day.want(Intent::Write("I s".to_owned()));
    assert_eq!(told(&mut day), [true], "not for every key");
    day.pass(limits::TYPING_STOPS_AFTER);
    assert_eq!(told(&mut day), [false]);
    day.want(Intent::Write("I se".to_owned()));
    assert_eq!(told(&mut day), [true]);
    day.want(Intent::Write(String::new()));
    assert_eq!(told(&mut day), [false]);
}

#[test]
fn who_writes_a_note_is_not_seen_typing() {
    let mut day = with_ada();
    day.want(Intent::Write("I".to_owned()));
    day.want(Intent::NoteMode(true));
    assert_eq!(told(&mut day), [true, false]);
    day.want(Intent::Write("It is".to_owned()));
    assert_eq!(told(&mut day), Vec::<bool>::new());
}

#[test]
fn turning_to_another_chat_is_the_end_of_typing_in_this_one() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("A");
    day.want(Intent::Write("I".to_owned()));
    day.select("B");
    assert_eq!(told(&mut day), [true, false]);
}
