//! The site's records of a visitor are part of what is known about them.

use parlor_wire::RecordOrigin;

use super::*;

fn person_with(records: Value) -> Person {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    console.select("A");
    let mut chat = full_chat("A", Some(ME), &[]);
    chat["thread"]["records"] = records;
    let reply = Reply::Chat(Box::new(decode_value(chat).unwrap()));
    console.reply_where(is_fetch, Ok(reply));
    console.workspace.person().unwrap()
}

#[test]
fn a_record_that_was_made_to_be_shown_comes_first() {
    let record = |id: &str, entity: &str, origin: &str| {
        json!({ "id": id, "record_id": format!("r{id}"), "entity_name": entity, "origin": origin,
            "created_at": "2023-11-14T22:13:03.000003Z",
            "fields": [{ "name": "X", "label": "Your name", "value": "Ada" }] })
    };
    let contact = record("1", "Contact", "found");
    let mut case = record("2", "Case", "created");
    case["show_first"] = json!(true);
    case["links"] = json!([
        { "field_name": "ContactId", "id": "1" }, { "field_name": "Other", "id": "unknown" } ]);
    let records = person_with(json!([contact, case])).records;
    let [first, second] = &records[..] else {
        panic!("{records:?}");
    };
    let pair = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    assert_eq!(first.entity_name, "Case");
    assert_eq!(first.origin, RecordOrigin::Created);
    assert_eq!(
        first.fields,
        [pair("Your name", "Ada"), pair("ContactId", "Contact: Ada")]
    );
    assert_eq!(second.entity_name, "Contact");
    assert_eq!(second.fields, [pair("Your name", "Ada")]);
}

#[test]
fn most_conversations_have_none() {
    assert!(person_with(Value::Null).records.is_empty());
}
