//! A message of each kind between tabs, with each kind of change, of line and of intent.

use parlor_session::tabs::Message;
use serde_json::{Value, json};

fn message(payload: Value) -> Message {
    let message = json!({"from": "t0", "term": 300, "payload": payload});
    serde_json::from_value(message).unwrap()
}

pub(crate) fn every_message() -> Vec<Message> {
    let options = json!([{"id": 7, "label": "Tea", "group_id": -1}, {"id": "b", "label": "Cups"}]);
    let form = json!({"form_id": "f", "form_type": "prechat", "fields": [
        {"type": "checkbox", "id": "c", "label": "About", "required": true, "options": options}]});
    let filled = json!({"form_id": 7, "fields": [{"type": "select", "id": "s", "label": "Team",
        "answer": "Sales", "answers": [{"id": "a", "label": "A", "group_id": 3}]}]});
    let file = json!({"url": "https://a.example/f.png", "name": "f.png", "size": 70_000,
        "content_type": "image/png", "width": 640, "height": 480, "alternative_text": "A cup"});
    let rich = json!({"template_id": "cards", "elements": [{"title": "A cup", "subtitle": "Blue",
        "image": {"url": "https://a.example/c.png", "width": 3},
        "buttons": [{"text": "Buy", "type": "url", "value": "https://a.example", "postback_id": "buy",
            "webview_height": "tall", "target": "new", "user_ids": ["v"]}]}]});
    let upload = json!({"id": 4_000_000_000_u32, "name": "a.txt", "kind": "text/plain", "size": 3});
    let agent = json!({"id": "005A", "name": "Andy", "avatar": "https://a.example/a.png"});
    let nodes = json!([{"kind": "strong", "nodes": [{"kind": "text", "text": "Hi"}]}]);
    let bodies = json!([
        {"Text": "é😀"}, {"Formatted": {"text": "Hi", "nodes": nodes}}, {"Rich": rich},
        {"Form": form}, {"Filled": [["About", "Tea"]]}, {"File": file}, {"Upload": upload},
        {"Notice": {"AgentJoined": {"name": "Andy"}}}, {"Notice": {"AgentLeft": {"name": null}}},
        {"Notice": {"Transferred": {"name": "Bo"}}}, {"Notice": "Idle"},
        {"Notice": {"Archived": {"name": "Andy"}}}, {"Notice": {"Rated": {"good": true}}}, {"Notice": "TranscriptRequested"},
        {"Notice": "FileWanted"}, {"Notice": "EndedByVisitor"}, {"Notice": {"Restricted": {"reason": "old"}}},
        {"Notice": {"Text": {"text": "So"}}}, {"Custom": "{}"}, {"Other": {"kind": "poem"}}]);
    let states = json!([null, "Queued", "Sending", "Sent", "Seen", {"Failed": "TooLong"},
        {"Failed": "Refused"}, {"Failed": "Ended"}, {"Failed": "OutboxFull"}, {"Failed": "TooLarge"},
        {"Failed": "TypeNotAllowed"}, {"Failed": "UploadFailed"}, {"Failed": "Lost"},
        {"Failed": "TooOld"}]);
    let states = states.as_array().unwrap();
    let authors = [json!("Visitor"), json!({"Agent": agent}), json!("System")];
    let line = |(at, body): (usize, &Value)| {
        json!({"Line": {"index": at, "line": {"id": format!("T_{at}"), "number": 1 << at, "at": null,
            "author": authors[at % 3], "body": body, "state": states[at % states.len()]}}})
    };
    let mut changes: Vec<Value> = bodies
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(line)
        .collect();
    let stages = json!(["Hello", "Prechat", "Offline", "LeavingMessage", "MessageLeft", "Starting", "Resuming", "Chatting",
        {"Waiting": {"position": 2, "served_at": 1_767_225_600_000_u64}},
        {"Ended": "Visitor"}, {"Ended": "Agent"}, {"Ended": "VisitorTimeout"},
        {"Ended": "AgentTimeout"}, {"Ended": "Lost"}, {"Ended": "Unknown"},
        {"Failed": "Unavailable"}, {"Failed": "Refused"}, {"Failed": "Internal"}]);
    changes.extend(
        stages
            .as_array()
            .unwrap()
            .iter()
            .map(|it| json!({"Stage": it})),
    );
    let others = json!([
        {"Welcome": {"organizationId": "O", "teamName": "Shop", "greeting": "Hi",
            "accentColor": "#123456", "prechat": form, "postchat": form, "offlineForm": form, "backAt": "2026-01-12T08:00:00Z",
            "callback": {"form": form, "hello": true, "waiting": true, "offline": true}, "sneakPeekEnabled": true,
            "online": [{"name": "Ada", "avatar": null}], "asksRating": true, "mailsTranscripts": true,
            "files": {"maxBytes": 10_485_760, "types": ["image/png"]},
            "sensitiveDataRules": [{"actionType": "Replace", "name": "card", "pattern": "\\d{16}",
                "replacement": "*"}],
            "goals": {"days": 30, "pages": [{"goal": "Order placed", "path": "/*/thanks"}]}}},
        {"Available": false}, {"PrechatErrors": [["n", "Required"], ["e", "NotAnEmail"],
            ["c", "NotAContact"], ["p", "NotAPhone"], ["offline-message", "NotTaken"]]},
        {"LineState": {"id": "T_1", "state": "Seen"}},
        {"Pressed": {"id": "T_2", "buttons": [["buy", "Pending"], ["b", "On"]]}},
        {"FormErrors": {"id": "T_3", "errors": [["q", {"TooLong": {"characters_over": 10}}]]}},
        {"FormDone": null}, {"Progress": {"id": "T_6", "percent": 99}},
        {"History": {"threads": [{"id": "T", "at": 5, "active": false, "last": "Bye",
            "unread": 1}],
            "more": true, "loading": true}},
        {"Rated": false}, {"LineGone": "T_1"}, "TranscriptCleared", {"Agent": agent},
        {"AgentTyping": true}, {"SneakPeek": true}, {"EndedAt": 7}, {"EndsAt": 9},
        {"Connection": "Connected"},
        {"Connection": "Reconnecting"}, {"Connection": "Busy"}, {"Draft": "half a"}, {"Unread": 2}, {"Conversation": true}, {"AwaitsAnswer": true},
        {"WindowShown": true}, {"StorageAvailable": false}]);
    changes.extend(others.as_array().unwrap().iter().cloned());
    let postback = json!({"id": "b", "thread_id": "T", "event_id": "T_2", "type": "message",
        "value": "Yes"});
    let answers = json!([{"field_id": "c", "values": ["0", "1"]}]);
    let intents = json!([
        "StartConversation", {"SubmitPrechat": answers},
        {"LeaveMessage": {"answers": answers, "text": "m", "custom_id": "t1-2",
            "callback": true}}, "BackToHello", {"Draft": "d"},
        {"Send": "s"}, {"Press": {"line": "T_2", "element": 1, "button": 2}},
        {"SubmitForm": {"line": null, "answers": answers}}, {"Attach": upload},
        {"Rate": {"good": true, "comment": "Fine"}}, {"RequestTranscript": "jon@example.com"}, {"LoadEarlier": "T"}, {"SendCustom": "{}"},
        {"SetAttributes": [["plan", "\"gold\""]]}, {"Identify": "t.o.k"}, {"Claim": "t.o.k"}, {"Track": "Order placed"}, {"Retry": "T_1"},
        {"Delete": "T_1"}, "Stay", "EndChat", "StartAgain", {"WindowShown": false}]);
    let outgoing_events = json!(["Text", {"Postback": postback}, {"Filled": filled}, {"File": file},
        {"Custom": "{}"}]);
    let command = |(at, intent): (usize, &Value)| {
        let event = &outgoing_events[at % 5];
        let pending = json!({"custom_id": "t1-1", "text": "x", "at": 9, "event": event});
        json!({"Command": {"id": "t1-1", "at": 1_767_225_600_000_u64, "intent": intent,
            "pending": (at > 2).then_some(pending)}})
    };
    let commands = intents.as_array().unwrap().iter().enumerate().map(command);
    let init = json!({"organizationId": "O", "deploymentId": "D", "buttonId": "B", "userAgent": "U",
        "language": "en", "screenResolution": "640x480", "visitorName": "Vi", "isPost": true,
        "receiveQueueUpdates": true, "prechatDetails": [{"label": "Name", "value": "Vi",
            "displayToAgent": true}], "buttonOverrides": ["C"], "visitorId": "v",
        "identityToken": "i.d.t", "prechatForm": filled, "url": "https://shop.example/a", "pageTitle": "Hats",
        "referrer": "https://shop.example/",
        "offlineMessage": {"text": "m", "customId": "t1-2"}});
    let payloads = json!(["Hello", "Ping", {"Pong": {"number": 9}}, {"Draft": {"at": 9, "text": "d"}},
        {"WindowShown": true}, {"Page": {"url": "https://shop.example/b", "title": "Hats"}}, {"Visibility": false}, {"Snapshot": {"number": 3, "changes": changes}},
        {"Changes": {"number": 4, "changes": [], "executed": ["t1-1"]}}, {"Unpersisted": null},
        {"Unpersisted": {"visitor_id": "v", "outbox": [{"custom_id": "t0-1", "text": "x", "at": 9}],
            "unsent": [{"message": {"custom_id": "t0-2", "text": "y"}, "because": "Lost"}],
            "session": {"id": "s", "key": "k", "poll_timeout": 40_000, "offset": 7, "end": true, "of_message": true,
                "init": init},
            "draft": "d", "awaits_answer": 9, "term": 2}}, {"Unpersisted": {"opening": init, "term": 3}}]);
    payloads
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .chain(commands)
        .map(message)
        .collect()
}
