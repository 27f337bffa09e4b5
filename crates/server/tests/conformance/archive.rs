//! The archive.

use parlor_server::{
    clock::Timestamp,
    store::{
        Store, Tx,
        archive::{
            ArchiveEntry, ArchiveFilter, ArchiveKind, ArchivePage, ArchiveQuery, ArchiveText,
            ArchivedThread, ReportKey, ReportQuery, ReportSums, TextField, ThreadCounts,
            ThreadRating, TimeRange,
        },
        row::{Thread, ThreadStatus},
    },
};

use super::sample::{self, at};

fn archived(thread: &str, second: i64) -> ArchivedThread {
    ArchivedThread {
        thread_id: thread.into(),
        kind: ArchiveKind::Chat,
        group_id: 1,
        deployment_id: Some("D".into()),
        created_at: at(second),
        ended_at: at(second + 10),
        rating: None,
        is_missed: false,
        is_unread: false,
        agent_ids: vec!["A".into()],
        counts: ThreadCounts {
            visitor_messages: 1,
            agent_messages: 2,
            responses: 1,
            first_response_ms: Some(1_500),
            total_response_ms: 1_500,
            max_response_ms: 1_500,
        },
    }
}

fn words(words: &str) -> ArchiveText {
    ArchiveText {
        words: words.to_owned().into(),
        ..ArchiveText::default()
    }
}

async fn put_threads(tx: &mut dyn Tx, ids: &[&str]) {
    tx.put_customer(&sample::customer("C")).await.unwrap();
    tx.put_chat(&sample::chat("CHAT", "C", 1)).await.unwrap();
    for id in ids {
        let thread = Thread {
            status: ThreadStatus::Ended,
            ..sample::thread(id, "CHAT", 1)
        };
        tx.put_thread(&thread).await.unwrap();
    }
}

/// Puts these words into the archive, as the threads `T0`, `T1` and so on.
async fn put_words(tx: &mut dyn Tx, all: &[&str]) {
    let ids: Vec<String> = (0..all.len()).map(|n| format!("T{n}")).collect();
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    put_threads(tx, &names).await;
    for (id, text) in names.iter().zip(all) {
        let row = archived(id, 1);
        tx.put_archived(&row, &words(text), at(1)).await.unwrap();
    }
}

/// Puts these words into the archive as those of a thread that there is.
pub(super) async fn put_words_of(tx: &mut dyn Tx, thread: &str, text: &str) {
    let row = archived(thread, 1);
    tx.put_archived(&row, &words(text), at(1)).await.unwrap();
}

fn text(phrase: &str) -> ArchiveFilter {
    ArchiveFilter::Text {
        field: None,
        phrase: phrase.to_owned(),
    }
}

fn not(filter: ArchiveFilter) -> ArchiveFilter {
    ArchiveFilter::Not(Box::new(filter))
}

fn query(filter: ArchiveFilter) -> ArchiveQuery {
    ArchiveQuery {
        filter,
        searches_private: false,
        page: ArchivePage::Newest { without: 0 },
        limit: 100,
    }
}

fn ids(entries: &[ArchiveEntry]) -> Vec<&str> {
    entries
        .iter()
        .map(|it| it.thread.thread_id.as_str())
        .collect()
}

/// The threads that a search finds, by their ids.
async fn found(tx: &mut dyn Tx, filter: ArchiveFilter) -> Vec<String> {
    let query = query(filter);
    let entries = tx.search_archive(&query).await.unwrap();
    let count = tx.count_archive(&query).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), entries.len());
    let mut ids: Vec<String> = ids(&entries).into_iter().map(str::to_owned).collect();
    ids.sort();
    ids
}

pub(crate) async fn archived_threads_are_kept_whole(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_threads(tx.as_mut(), &["T1", "T2"]).await;
    let mut row = archived("T1", 5);
    tx.put_archived(&row, &words("a"), at(20)).await.unwrap();
    tx.put_archived(&archived("T2", 6), &words("b"), at(20))
        .await
        .unwrap();
    row = ArchivedThread {
        kind: ArchiveKind::OfflineMessage,
        group_id: 2,
        deployment_id: None,
        rating: Some(ThreadRating::Bad),
        is_missed: true,
        is_unread: true,
        agent_ids: vec!["B".into(), "A".into()],
        counts: ThreadCounts::default(),
        ..row
    };
    tx.put_archived(&row, &words("c"), at(30)).await.unwrap();
    let entries = tx.archived(&["T1".into(), "NONE".into()]).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].thread, row);
    assert_eq!(entries[0].changed_at, at(30));
    assert_eq!(entries[0].number, 1);
    // What it was found by before is forgotten.
    assert!(found(tx.as_mut(), text("a")).await.is_empty());
    assert_eq!(found(tx.as_mut(), text("c")).await, ["T1"]);
    let by_agent = |id: &str| ArchiveFilter::Agent(id.into());
    assert_eq!(found(tx.as_mut(), by_agent("A")).await, ["T1", "T2"]);
    assert_eq!(found(tx.as_mut(), by_agent("B")).await, ["T1"]);
}

pub(crate) async fn no_two_changes_have_one_time(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_threads(tx.as_mut(), &["T1", "T2", "T3"]).await;
    for id in ["T1", "T2", "T3", "T1"] {
        tx.put_archived(&archived(id, 1), &words("a"), at(5))
            .await
            .unwrap();
    }
    let changed = tx.changed_archive(at(0), 10).await.unwrap();
    assert_eq!(ids(&changed), ["T2", "T3", "T1"]);
    let times: Vec<i64> = changed.iter().map(|it| it.changed_at.0 - at(5).0).collect();
    assert_eq!(times, [1, 2, 3]);
    let rest = tx.changed_archive(changed[1].changed_at, 1).await.unwrap();
    assert_eq!(ids(&rest), ["T3"]);
}

pub(crate) async fn words_are_found_in_any_place(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let all = [
        "where is my order 4711",
        "the chocolate of ada@shop.example",
        "c++ and 100% of a_b -x \"quoted\" o'neil",
        "你 好 世 界",
        "hi 5 and or not near",
        "",
        "привет αθηνα *",
    ];
    put_words(tx.as_mut(), &all).await;
    for (phrase, expected) in [
        ("order", &["T0"][..]),
        ("rder 47", &["T0"]),
        ("ocola", &["T1"]),
        ("@shop.exam", &["T1"]),
        ("c++", &["T2"]),
        ("100%", &["T2"]),
        ("a_b", &["T2"]),
        ("-x", &["T2"]),
        ("\"quoted\"", &["T2"]),
        ("o'neil", &["T2"]),
        ("'", &[]),
        ("世", &["T3"]),
        ("好 世", &["T3"]),
        ("hi", &["T4"]),
        ("5", &["T4"]),
        ("and", &["T2", "T4"]),
        ("or", &["T0", "T4"]),
        ("not near", &["T4"]),
        // Two letters are the beginning of a word, one is a word.
        ("oc", &[]),
        ("co", &[]),
        ("ch", &["T1"]),
        ("a", &[]),
        ("αθη", &["T6"]),
        ("*", &["T6"]),
        ("nothing", &[]),
    ] {
        assert_eq!(found(tx.as_mut(), text(phrase)).await, expected, "{phrase}");
    }
}

pub(crate) async fn conditions_are_combined(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_threads(tx.as_mut(), &["T1", "T2", "T3", "T4"]).await;
    for (id, second, rating, kind, said) in [
        (
            "T1",
            100,
            Some(ThreadRating::Good),
            ArchiveKind::Chat,
            "wool socks",
        ),
        (
            "T2",
            200,
            Some(ThreadRating::Bad),
            ArchiveKind::Chat,
            "wool hats",
        ),
        ("T3", 300, None, ArchiveKind::OfflineMessage, "cotton socks"),
        ("T4", 400, None, ArchiveKind::Chat, ""),
    ] {
        let row = ArchivedThread {
            rating,
            kind,
            is_missed: id == "T3",
            is_unread: id == "T4",
            group_id: if id == "T4" { 2 } else { 1 },
            ..archived(id, second)
        };
        tx.put_archived(&row, &words(said), at(500)).await.unwrap();
    }
    let all = |parts: &[ArchiveFilter]| ArchiveFilter::All(parts.to_vec());
    let any = |parts: &[ArchiveFilter]| ArchiveFilter::Any(parts.to_vec());
    let (wool, socks, cotton) = (text("wool"), text("socks"), text("cotton"));
    let good = ArchiveFilter::Rating(ThreadRating::Good);
    let range = |from, through| TimeRange {
        from: at(from),
        through: at(through),
    };
    for (filter, expected) in [
        (all(&[]), &["T1", "T2", "T3", "T4"][..]),
        (any(&[]), &[]),
        (all(&[wool.clone(), socks.clone()]), &["T1"]),
        (any(&[wool.clone(), cotton.clone()]), &["T1", "T2", "T3"]),
        (all(&[wool.clone(), not(socks.clone())]), &["T2"]),
        (not(wool.clone()), &["T3", "T4"]),
        (all(&[not(wool.clone()), not(cotton.clone())]), &["T4"]),
        (
            any(&[not(wool.clone()), socks.clone()]),
            &["T1", "T3", "T4"],
        ),
        (not(any(&[wool.clone(), cotton.clone()])), &["T4"]),
        (
            all(&[socks.clone(), any(&[cotton.clone(), good.clone()])]),
            &["T1", "T3"],
        ),
        (all(&[socks.clone(), all(&[not(cotton.clone())])]), &["T1"]),
        (
            all(&[socks.clone(), not(all(&[socks.clone(), cotton.clone()]))]),
            &["T1"],
        ),
        (not(good.clone()), &["T2", "T3", "T4"]),
        (all(&[wool.clone(), good.clone()]), &["T1"]),
        (any(&[good.clone(), cotton.clone()]), &["T1", "T3"]),
        (ArchiveFilter::Kind(ArchiveKind::OfflineMessage), &["T3"]),
        (ArchiveFilter::CreatedAt(range(200, 300)), &["T2", "T3"]),
        (ArchiveFilter::EndedAt(range(111, 310)), &["T2", "T3"]),
        (ArchiveFilter::IsMissed(true), &["T3"]),
        (ArchiveFilter::IsUnread(true), &["T4"]),
        (ArchiveFilter::IsMissed(false), &["T1", "T2", "T4"]),
        (ArchiveFilter::Groups(vec![1, 3]), &["T1", "T2", "T3"]),
        (ArchiveFilter::Groups(vec![]), &[]),
    ] {
        assert_eq!(
            found(tx.as_mut(), filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

pub(crate) async fn texts_are_searched_apart(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_threads(tx.as_mut(), &["T1"]).await;
    let texts = ArchiveText {
        agent_names: "tom".to_owned().into(),
        visitor_name: "harry".to_owned().into(),
        visitor_email: "harry@shop.example".to_owned().into(),
        department_name: "billing".to_owned(),
        tags: "vip".to_owned().into(),
        words: "hello".to_owned().into(),
        private_words: "secret".to_owned().into(),
    };
    tx.put_archived(&archived("T1", 1), &texts, at(1))
        .await
        .unwrap();
    let fields = [
        (TextField::AgentNames, "tom"),
        (TextField::VisitorName, "harry"),
        (TextField::VisitorEmail, "shop"),
        (TextField::DepartmentName, "bill"),
        (TextField::Tags, "vip"),
    ];
    for (field, own) in fields {
        for (_, phrase) in fields {
            let filter = ArchiveFilter::Text {
                field: Some(field),
                phrase: phrase.to_owned(),
            };
            let is_own = phrase == own || (field == TextField::VisitorEmail && phrase == "harry");
            let found = found(tx.as_mut(), filter).await;
            assert_eq!(found.len(), usize::from(is_own), "{field:?} {phrase}");
        }
        assert_eq!(found(tx.as_mut(), text(own)).await, ["T1"]);
    }
    assert!(found(tx.as_mut(), text("secret")).await.is_empty());
    let private = ArchiveQuery {
        searches_private: true,
        ..query(text("secret"))
    };
    assert_eq!(ids(&tx.search_archive(&private).await.unwrap()), ["T1"]);
    // Where only others may be left out, what is private does not tell.
    assert_eq!(found(tx.as_mut(), not(text("secret"))).await, ["T1"]);
}

pub(crate) async fn the_archive_pages_both_ways(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let all = ["wool"; 7];
    put_words(tx.as_mut(), &all).await;
    for filter in [text("wool"), ArchiveFilter::All(Vec::new())] {
        for (page, expected) in [
            (ArchivePage::Newest { without: 0 }, &["T6", "T5", "T4"][..]),
            (ArchivePage::Newest { without: 5 }, &["T1", "T0"]),
            (ArchivePage::Newest { without: 9 }, &[]),
            (ArchivePage::Below(4), &["T2", "T1", "T0"]),
            (ArchivePage::Below(1), &[]),
            (ArchivePage::Above(4), &["T4", "T5", "T6"]),
            (ArchivePage::Above(0), &["T0", "T1", "T2"]),
        ] {
            let query = ArchiveQuery {
                page,
                limit: 3,
                ..query(filter.clone())
            };
            let entries = tx.search_archive(&query).await.unwrap();
            assert_eq!(ids(&entries), expected, "{query:?}");
            assert_eq!(tx.count_archive(&query).await.unwrap(), 3);
        }
    }
}

pub(crate) async fn conversations_are_summed_up(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    let rows = ["T0", "T1", "T2", "T3", "T4"];
    put_threads(tx.as_mut(), &rows).await;
    for (n, id) in rows.iter().enumerate() {
        let mut row = archived(id, [10, 20, 30, 40, 50][n]);
        row.agent_ids = vec!["A".into()];
        match n {
            0 => row.rating = Some(ThreadRating::Good),
            1 => (row.rating, row.group_id) = (Some(ThreadRating::Bad), 2),
            2 => {
                (row.is_missed, row.agent_ids) = (true, Vec::new());
                row.counts = ThreadCounts::default();
            }
            3 => row.kind = ArchiveKind::OfflineMessage,
            _ => row.agent_ids = vec!["A".into(), "B".into()],
        }
        tx.put_archived(&row, &words("a"), at(60)).await.unwrap();
    }
    let interval = |from, through| TimeRange {
        from: at(from),
        through: Timestamp(at(through).0 - 1),
    };
    let all = ReportQuery {
        groups: vec![1, 2],
        agent: None,
        intervals: vec![
            interval(0, 20),
            interval(20, 25),
            interval(25, 30),
            interval(30, 51),
        ],
    };
    let mut report = tx.archive_report(&all).await.unwrap();
    report.sort_by_key(|(key, _)| format!("{key:?}"));
    let short: Vec<String> = report
        .iter()
        .map(|(key, it)| {
            format!(
                "{key:?}: {} {} {} {} {} | {} {} {} {} {}",
                it.chats,
                it.messages,
                it.missed,
                it.good,
                it.bad,
                it.answered,
                it.first_response_ms,
                it.responses,
                it.response_ms,
                it.duration_ms
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            "Agent(AgentId(\"A\")): 3 1 0 1 1 | 3 4500 3 4500 30000",
            "Agent(AgentId(\"B\")): 1 0 0 0 0 | 1 1500 1 1500 10000",
            "Group(1): 3 1 1 1 0 | 2 3000 2 3000 20000",
            "Group(2): 1 0 0 0 1 | 1 1500 1 1500 10000",
            "Interval(0): 1 0 0 1 0 | 1 1500 1 1500 10000",
            "Interval(1): 1 0 0 0 1 | 1 1500 1 1500 10000",
            "Interval(3): 2 1 1 0 0 | 1 1500 1 1500 10000",
            "Total: 4 1 1 1 1 | 3 4500 3 4500 30000",
        ]
    );
    let of_agent = ReportQuery {
        groups: vec![1],
        agent: Some("B".into()),
        ..all.clone()
    };
    let report = tx.archive_report(&of_agent).await.unwrap();
    let total = report.iter().find(|(key, _)| *key == ReportKey::Total);
    assert_eq!(total.unwrap().1.chats, 1);
    let nothing = ReportQuery {
        groups: vec![3],
        ..all
    };
    let report = tx.archive_report(&nothing).await.unwrap();
    assert_eq!(report, [(ReportKey::Total, ReportSums::default())]);
}

pub(crate) async fn what_is_not_in_the_archive_is_found(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_threads(tx.as_mut(), &["T1", "T2", "T3"]).await;
    let open = Thread {
        status: ThreadStatus::Active,
        ..sample::thread("T4", "CHAT", 1)
    };
    tx.put_thread(&open).await.unwrap();
    tx.put_archived(&archived("T2", 1), &words("a"), at(1))
        .await
        .unwrap();
    let ids = async |tx: &mut dyn Tx, after: Option<&str>, limit| {
        let after = after.map(Into::into);
        let threads = tx.unarchived_threads(after.as_ref(), limit).await.unwrap();
        threads.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(ids(tx.as_mut(), None, 9).await, ["T1", "T3"]);
    assert_eq!(ids(tx.as_mut(), None, 1).await, ["T1"]);
    assert_eq!(ids(tx.as_mut(), Some("T1"), 9).await, ["T3"]);
    let orphan = archived("NONE", 1);
    tx.put_archived(&orphan, &words("a"), at(1))
        .await
        .unwrap_err();
}

pub(crate) async fn a_deleted_thread_leaves_the_archive(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    put_words(tx.as_mut(), &["wool", "wool"]).await;
    tx.delete_thread(&"T1".into()).await.unwrap();
    assert_eq!(found(tx.as_mut(), text("wool")).await, ["T0"]);
    assert_eq!(
        found(tx.as_mut(), ArchiveFilter::All(Vec::new())).await,
        ["T0"]
    );
    assert_eq!(
        found(tx.as_mut(), ArchiveFilter::Agent("A".into())).await,
        ["T0"]
    );
    assert!(tx.archived(&["T1".into()]).await.unwrap().is_empty());
    // Its number is not given again.
    put_threads(tx.as_mut(), &["T2"]).await;
    tx.put_archived(&archived("T2", 1), &words("a"), at(1))
        .await
        .unwrap();
    assert_eq!(tx.archived(&["T2".into()]).await.unwrap()[0].number, 3);
}
