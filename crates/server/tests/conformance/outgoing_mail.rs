//! E-mails that are to be sent.

use parlor_server::store::{
    Store,
    row::{MailKind, OutgoingMail},
};

use super::sample::{self, at};

pub(crate) async fn outgoing_mail_is_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let mut row = sample::outgoing_mail("m", 1);
    tx.put_outgoing_mail(&row).await.unwrap();
    assert_eq!(tx.outgoing_mail("m").await.unwrap().as_ref(), Some(&row));
    row = OutgoingMail {
        kind: MailKind::Transcript,
        next_attempt_at: None,
        attempts: 2,
        sent_at: None,
        given_up_at: None,
        last_problem: None,
        ..row
    };
    tx.put_outgoing_mail(&row).await.unwrap();
    assert_eq!(tx.outgoing_mail("m").await.unwrap(), Some(row));
    assert_eq!(tx.outgoing_mail("other").await.unwrap(), None);
}

pub(crate) async fn due_mail_comes_by_time(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for (id, due) in [
        ("a", Some(3)),
        ("b", Some(1)),
        ("c", Some(5)),
        ("d", None),
        ("e", Some(1)),
    ] {
        let row = OutgoingMail {
            next_attempt_at: due.map(at),
            ..sample::outgoing_mail(id, 1)
        };
        tx.put_outgoing_mail(&row).await.unwrap();
    }
    let due = tx.due_mail(at(3), 9).await.unwrap();
    let ids: Vec<&str> = due.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["b", "e", "a"]);
    assert_eq!(tx.due_mail(at(3), 2).await.unwrap().len(), 2);
    assert_eq!(tx.count_waiting_mail().await.unwrap(), 4);
}

pub(crate) async fn an_answer_is_untried_until_its_first_attempt(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let row = sample::outgoing_mail("m", 1);
    for other in [
        OutgoingMail {
            id: "tried".to_owned(),
            attempts: 1,
            ..row.clone()
        },
        OutgoingMail {
            id: "done".to_owned(),
            next_attempt_at: None,
            ..row.clone()
        },
        OutgoingMail {
            id: "alert".to_owned(),
            kind: MailKind::Alert,
            ..row.clone()
        },
        OutgoingMail {
            id: "of another".to_owned(),
            thread_id: "T2".into(),
            ..row.clone()
        },
    ] {
        tx.put_outgoing_mail(&other).await.unwrap();
    }
    assert_eq!(tx.untried_answer(&"T".into()).await.unwrap(), None);
    tx.put_outgoing_mail(&row).await.unwrap();
    let later = sample::outgoing_mail("later", 2);
    tx.put_outgoing_mail(&later).await.unwrap();
    assert_eq!(tx.untried_answer(&"T".into()).await.unwrap(), Some(row));
}

pub(crate) async fn mail_is_counted_by_recipient_kind_and_time(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for (id, created) in [("a", 1), ("b", 2), ("c", 3)] {
        let mut row = sample::outgoing_mail(id, created);
        row.next_attempt_at = None;
        tx.put_outgoing_mail(&row).await.unwrap();
    }
    for (hash, kind, since, expected) in [
        ("hash", MailKind::Answer, 2, 2),
        ("hash", MailKind::Answer, 4, 0),
        ("hash", MailKind::Alert, 0, 0),
        ("other", MailKind::Answer, 0, 0),
    ] {
        let count = tx.count_mail_to(hash, kind, at(since)).await.unwrap();
        assert_eq!(count, expected, "{hash} {kind:?} {since}");
    }
    assert_eq!(tx.count_waiting_mail().await.unwrap(), 0);
}

pub(crate) async fn old_mail_is_deleted_oldest_first(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for (id, created) in [("a", 3), ("b", 1), ("c", 2), ("d", 4)] {
        let row = sample::outgoing_mail(id, created);
        tx.put_outgoing_mail(&row).await.unwrap();
    }
    tx.delete_mail(at(4), 2).await.unwrap();
    let mut left = Vec::new();
    for id in ["a", "b", "c", "d"] {
        left.extend(tx.outgoing_mail(id).await.unwrap().map(|row| row.id));
    }
    assert_eq!(left, ["a", "d"]);
}
