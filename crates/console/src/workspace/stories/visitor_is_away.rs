use super::*;

#[test]
fn visitor_is_away_and_comes_back() {
    let mut console = answering_ada();
    assert!(!console.workspace.open_chat().unwrap().away);
    for present in [false, true] {
        console.push(
            "customer_presence_set",
            json!({ "chat_id": "A", "thread_id": "A1", "customer_id": "ada", "present": present }),
        );
        assert_eq!(console.workspace.open_chat().unwrap().away, !present);
    }
}
