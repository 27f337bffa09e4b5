//! Records, and to which threads they are attached.

use parlor_server::store::{
    Store, Tx,
    row::{Record, RecordCondition, RecordQuery},
};

use super::{
    sample::{self, attached, record},
    transaction::refused,
};

fn same(field: &str, key: &str) -> RecordCondition {
    RecordCondition {
        field_name: field.to_owned(),
        from: key.to_owned(),
        through: key.to_owned(),
    }
}

fn begins(field: &str, key: &str) -> RecordCondition {
    RecordCondition {
        through: format!("{key}{}", char::MAX),
        ..same(field, key)
    }
}

fn contacts(conditions: Vec<RecordCondition>) -> RecordQuery {
    RecordQuery {
        entity_name: "Contact".to_owned(),
        conditions,
        candidates: 100,
        limit: 100,
    }
}

async fn found(tx: &mut dyn Tx, query: RecordQuery) -> Vec<String> {
    let found = tx.find_records(&query).await.unwrap();
    found.into_iter().map(|row| row.id.to_string()).collect()
}

pub(crate) async fn records_are_attached_in_order(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let other = sample::thread("T2", "C", 1);
    tx.put_thread(&other).await.unwrap();
    let jon = record("jon", &[("Name", "Jon"), ("Secret", "4711")], 1);
    let sue = record("sue", &[], 2);
    for row in [&jon, &sue] {
        tx.put_record(row).await.unwrap();
    }
    let rows = [
        attached("T", 0, sue.clone()),
        attached("T", 1, jon.clone()),
        attached("T2", 0, jon),
    ];
    for row in rows.iter().rev() {
        tx.attach_record(row).await.unwrap();
    }
    let read = tx.records_of_threads(&["T2".into(), "T".into()]).await;
    assert_eq!(read.unwrap(), rows);
    let read = tx.records_of_threads(&["T".into(), "none".into()]).await;
    assert_eq!(read.unwrap(), rows[..2]);
    let read = tx.attached_record(&"T-1".into()).await.unwrap();
    assert_eq!(read.as_ref(), Some(&rows[1]));
    assert_eq!(tx.attached_record(&"jon".into()).await.unwrap(), None);
}

pub(crate) async fn a_record_is_written_once(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let row = record("jon", &[("Name", "Jon")], 1);
    tx.put_record(&row).await.unwrap();
    tx.commit().await.unwrap();
    let other = Record {
        entity_name: "Case".to_owned(),
        ..row
    };
    refused(store, async |tx| tx.put_record(&other).await).await;
}

pub(crate) async fn a_record_is_attached_to_what_there_is(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let row = record("jon", &[], 1);
    tx.put_record(&row).await.unwrap();
    tx.attach_record(&attached("T", 0, row.clone()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let of_no_thread = attached("nobody", 0, row.clone());
    refused(store, async |tx| tx.attach_record(&of_no_thread).await).await;
    let unknown = attached("T", 1, record("unknown", &[], 1));
    refused(store, async |tx| tx.attach_record(&unknown).await).await;
    let same_place = attached("T", 0, row.clone());
    refused(store, async |tx| tx.attach_record(&same_place).await).await;
    let mut same_id = attached("T", 1, row);
    same_id.id = "T-0".into();
    refused(store, async |tx| tx.attach_record(&same_id).await).await;
}

pub(crate) async fn records_are_found_by_all_conditions(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let long = "x".repeat(300);
    for (id, fields) in [
        ("1", [("Email", " Jon@Example.com"), ("Name", "Jon Adams")]),
        ("2", [("Email", "jon@example.com"), ("Name", "Jonas")]),
        ("3", [("Email", "sue@example.com"), ("Name", "jon adams")]),
        ("4", [("Other", "jon@example.com"), ("Name", long.as_str())]),
    ] {
        let row = record(id, &fields, 1);
        tx.put_record(&row).await.unwrap();
    }
    let case = Record {
        entity_name: "Case".to_owned(),
        ..record("5", &[("Email", "jon@example.com")], 1)
    };
    tx.put_record(&case).await.unwrap();
    let tx = tx.as_mut();
    for (conditions, expected) in [
        (vec![same("Email", "jon@example.com")], &["1", "2"][..]),
        (vec![same("Email", "jon@example")], &[]),
        (vec![begins("Email", "jon@")], &["1", "2"]),
        (vec![begins("Name", "jon")], &["1", "3", "2"]),
        (
            vec![same("Email", "jon@example.com"), begins("Name", "jon a")],
            &["1"],
        ),
        (
            vec![begins("Name", "jon"), same("Email", "sue@example.com")],
            &["3"],
        ),
        (
            vec![same("Email", "jon@example.com"), same("None", "x")],
            &[],
        ),
        (vec![begins("Name", "xxx")], &[]),
        (vec![], &[]),
    ] {
        assert_eq!(
            found(tx, contacts(conditions.clone())).await,
            expected,
            "{conditions:?}"
        );
    }
    let query = RecordQuery {
        entity_name: "Case".to_owned(),
        ..contacts(vec![same("Email", "jon@example.com")])
    };
    assert_eq!(tx.find_records(&query).await.unwrap(), [case]);
}

pub(crate) async fn records_are_found_in_order(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for (id, name, at) in [
        ("1", "Jon", 1),
        ("2", "Jon", 3),
        ("3", "Jon", 2),
        ("4", "Jo", 9),
    ] {
        let row = record(id, &[("Name", name)], at);
        tx.put_record(&row).await.unwrap();
    }
    let tx = tx.as_mut();
    let all = contacts(vec![begins("Name", "jo")]);
    assert_eq!(found(tx, all.clone()).await, ["4", "2", "3", "1"]);
    let some = RecordQuery { limit: 2, ..all };
    assert_eq!(found(tx, some).await, ["4", "2"]);
}

pub(crate) async fn so_many_candidates_are_looked_at(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for n in 0..5 {
        let (id, city) = (n.to_string(), format!("C{n}"));
        let row = record(&id, &[("Name", "Jon"), ("City", &city)], n);
        tx.put_record(&row).await.unwrap();
    }
    let tx = tx.as_mut();
    let by_both = |city: &str, candidates| RecordQuery {
        candidates,
        ..contacts(vec![same("Name", "jon"), same("City", city)])
    };
    assert_eq!(found(tx, by_both("c2", 3)).await, ["2"]);
    assert!(found(tx, by_both("c2", 2)).await.is_empty());
}
