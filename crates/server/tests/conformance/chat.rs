//! Chats and threads.

use parlor_server::{
    private::Private,
    store::{
        Store, Tx,
        row::{
            ALL_AGENTS, AgentFilter, ChatQuery, ThreadDetails, ThreadFilter, ThreadQuery,
            ThreadStatus,
        },
    },
};
use parlor_wire::{ChatId, ThreadId};
use serde_json::json;

use super::{
    sample::{self, at},
    transaction::refused,
};

pub(crate) async fn chats_are_kept_whole(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::chat("C", "U", 1);
    assert_eq!(tx.chat(&"C".into()).await.unwrap().as_ref(), Some(&row));
    row.active = false;
    row.group_id = 9;
    row.last_thread_at = at(99);
    row.properties = json!({});
    tx.put_chat(&row).await.unwrap();
    assert_eq!(tx.chat(&"C".into()).await.unwrap().as_ref(), Some(&row));
    let found = tx.chat_of_customer(&"U".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    assert_eq!(tx.chat(&"D".into()).await.unwrap(), None);
    assert_eq!(tx.chat_of_customer(&"V".into()).await.unwrap(), None);
}

pub(crate) async fn one_customer_has_one_chat(store: &dyn Store) {
    sample::with_thread(store).await.commit().await.unwrap();
    for customer in ["U", "nobody"] {
        let row = sample::chat("D", customer, 1);
        refused(store, async |tx| tx.put_chat(&row).await).await;
    }
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.count_chats(None, &[1]).await.unwrap(), 1);
}

/// Ten chats `0`…`9`: every two have the same time, and the even ones are
/// active.
async fn ten_chats(store: &dyn Store) -> Box<dyn Tx> {
    let mut tx = store.begin().await.unwrap();
    for n in [3, 7, 0, 9, 5, 1, 8, 2, 6, 4] {
        let id = n.to_string();
        tx.put_customer(&sample::customer(&id)).await.unwrap();
        let mut chat = sample::chat(&id, &id, 1000);
        tx.put_chat(&chat).await.unwrap();
        chat.last_thread_at = at(n / 2);
        chat.active = n % 2 == 0;
        tx.put_chat(&chat).await.unwrap();
    }
    tx
}

/// Reads all pages of three.
async fn chat_pages(tx: &mut Box<dyn Tx>, active: Option<bool>, ascending: bool) -> Vec<String> {
    let mut query = ChatQuery {
        active,
        groups: vec![0, 1],
        ascending,
        after: None,
        limit: 3,
    };
    let mut pages = Vec::new();
    loop {
        let page = tx.chats(&query).await.unwrap();
        let Some(last) = page.last() else {
            return pages;
        };
        query.after = Some((last.last_thread_at, last.id.clone()));
        pages.push(page.iter().map(|chat| chat.id.as_str()).collect());
    }
}

pub(crate) async fn chats_page_both_ways(store: &dyn Store) {
    let mut tx = ten_chats(store).await;
    assert_eq!(
        chat_pages(&mut tx, None, true).await,
        ["012", "345", "678", "9"]
    );
    assert_eq!(
        chat_pages(&mut tx, None, false).await,
        ["987", "654", "321", "0"]
    );
    let none = ChatQuery {
        active: None,
        groups: vec![1],
        ascending: true,
        after: None,
        limit: -1,
    };
    assert_eq!(tx.chats(&none).await.unwrap(), []);
}

pub(crate) async fn chats_of_one_activity_page(store: &dyn Store) {
    let mut tx = ten_chats(store).await;
    assert_eq!(chat_pages(&mut tx, Some(true), true).await, ["024", "68"]);
    assert_eq!(chat_pages(&mut tx, Some(false), false).await, ["975", "31"]);
}

pub(crate) async fn chats_are_counted(store: &dyn Store) {
    let mut tx = ten_chats(store).await;
    let mut chat = tx.chat(&"0".into()).await.unwrap().unwrap();
    chat.active = false;
    tx.put_chat(&chat).await.unwrap();
    assert_eq!(tx.count_chats(None, &[1]).await.unwrap(), 10);
    assert_eq!(tx.count_chats(Some(true), &[1]).await.unwrap(), 4);
    assert_eq!(tx.count_chats(Some(false), &[1]).await.unwrap(), 6);
}

pub(crate) async fn threads_are_kept_whole(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let mut row = sample::thread("T", "C", 1);
    assert_eq!(tx.thread(&"T".into()).await.unwrap().as_ref(), Some(&row));
    row.status = ThreadStatus::Queued;
    row.deployment_id = None;
    row.button_id = None;
    row.group_id = 1;
    row.target_agent_id = None;
    row.agent_id = None;
    row.queued_at = None;
    row.accepted_at = None;
    row.ended_at = None;
    row.end_reason = None;
    row.last_event = 4;
    row.user_ids.clear();
    row.seen_up_to.clear();
    row.details = Private(ThreadDetails::default());
    tx.put_thread(&row).await.unwrap();
    assert_eq!(tx.thread(&"T".into()).await.unwrap().as_ref(), Some(&row));
    assert_eq!(tx.thread(&"S".into()).await.unwrap(), None);
    assert_eq!(
        tx.count_threads(&ThreadFilter::of_groups(vec![1]))
            .await
            .unwrap(),
        1
    );
}

pub(crate) async fn threads_of_a_chat_oldest_first(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_customer(&sample::customer("V")).await.unwrap();
    tx.put_chat(&sample::chat("D", "V", 1)).await.unwrap();
    tx.put_thread(&sample::thread("other", "D", 2))
        .await
        .unwrap();
    tx.put_thread(&sample::thread("third", "C", 9))
        .await
        .unwrap();
    tx.put_thread(&sample::thread("second", "C", 5))
        .await
        .unwrap();
    let ids: Vec<_> = tx
        .threads_of(&"C".into())
        .await
        .unwrap()
        .into_iter()
        .map(|thread| String::from(thread.id))
        .collect();
    assert_eq!(ids, ["T", "second", "third"]);
    assert_eq!(tx.threads_of(&"E".into()).await.unwrap(), []);
}

pub(crate) async fn a_chat_has_one_open_thread(store: &dyn Store) {
    let open = |id: &str, chat: &str, created_at| {
        let mut thread = sample::thread(id, chat, created_at);
        thread.status = ThreadStatus::Active;
        thread
    };
    let mut tx = sample::with_thread(store).await;
    sample::put_chat(&mut tx, "D").await;
    assert_eq!(tx.open_thread_of(&"C".into()).await.unwrap(), None);
    let mut first = open("first", "C", 2);
    let elsewhere = open("elsewhere", "D", 9);
    tx.put_thread(&first).await.unwrap();
    tx.put_thread(&elsewhere).await.unwrap();
    // The same one may be put again, and others that have ended.
    first.tags = Vec::new();
    tx.put_thread(&first).await.unwrap();
    tx.put_thread(&sample::thread("second", "C", 9))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for second in [open("second", "C", 9), open("third", "C", 1)] {
        refused(store, async |tx| tx.put_thread(&second).await).await;
    }
    let mut tx = store.begin().await.unwrap();
    let found = tx.open_thread_of(&"C".into()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    first.status = ThreadStatus::Ended;
    tx.put_thread(&first).await.unwrap();
    assert_eq!(tx.open_thread_of(&"C".into()).await.unwrap(), None);
    let third = open("third", "C", 1);
    tx.put_thread(&third).await.unwrap();
    assert_eq!(tx.open_thread_of(&"C".into()).await.unwrap(), Some(third));
    let found = tx.open_thread_of(&"D".into()).await.unwrap();
    assert_eq!(found, Some(elsewhere));
}

pub(crate) async fn open_threads_are_counted_by_agent(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let agents = [
        ("a", Some("x")),
        ("b", Some("y")),
        ("c", Some("x")),
        ("d", None),
    ];
    for (id, agent) in agents {
        sample::put_chat(&mut tx, id).await;
        let mut thread = sample::thread(id, id, 1);
        thread.status = ThreadStatus::Active;
        thread.agent_id = agent.map(Into::into);
        tx.put_thread(&thread).await.unwrap();
    }
    let counts = tx.count_open_threads_by_agent().await.unwrap();
    assert_eq!(counts, [("x".into(), 2), ("y".into(), 1)]);
    let mut ended = tx.thread(&"a".into()).await.unwrap().unwrap();
    let earlier = parlor_server::store::row::Thread {
        id: "older".into(),
        chat_id: "older".into(),
        created_at: parlor_server::clock::Timestamp(0),
        ..ended.clone()
    };
    sample::put_chat(&mut tx, "older").await;
    tx.put_thread(&earlier).await.unwrap();
    ended.status = ThreadStatus::Ended;
    tx.put_thread(&ended).await.unwrap();
    let of_x = tx.threads_of_agent(&"x".into()).await.unwrap();
    assert_eq!(of_x, ["older".into(), "c".into()]);
    assert_eq!(tx.threads_of_agent(&"z".into()).await.unwrap(), []);
    let unanswered = async |tx: &mut Box<dyn Tx>, before, limit| {
        let deployment = "572".into();
        let found = tx.unanswered_threads(&deployment, at(before), limit);
        found.await.unwrap()
    };
    let mut answered = tx.thread(&"b".into()).await.unwrap().unwrap();
    answered.unanswered_since = Some(at(4));
    tx.put_thread(&answered).await.unwrap();
    let all: [ThreadId; 3] = ["b", "c", "older"].map(Into::into);
    assert_eq!(unanswered(&mut tx, 6, 9).await, all);
    assert_eq!(unanswered(&mut tx, 6, 2).await, all[..2]);
    assert_eq!(unanswered(&mut tx, 5, 9).await, all[..1]);
    answered.unanswered_since = None;
    tx.put_thread(&answered).await.unwrap();
    assert_eq!(unanswered(&mut tx, 5, 9).await, []);
    let waiting = tx.count_waiting_threads().await.unwrap();
    for id in ["e", "f"] {
        sample::put_chat(&mut tx, id).await;
        let mut thread = sample::thread(id, id, 1);
        thread.status = ThreadStatus::Queued;
        tx.put_thread(&thread).await.unwrap();
    }
    assert_eq!(tx.count_waiting_threads().await.unwrap(), waiting + 2);
    let mut ended = tx.thread(&"e".into()).await.unwrap().unwrap();
    ended.status = ThreadStatus::Ended;
    tx.put_thread(&ended).await.unwrap();
    assert_eq!(tx.count_waiting_threads().await.unwrap(), waiting + 1);
}

pub(crate) async fn threads_of_agents_who_left_the_group_are_found(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_group(&sample::group(1)).await.unwrap();
    for (id, groups) in [("member", [1].into()), ("stranger", [].into())] {
        let mut agent = sample::agent(id, id);
        agent.group_ids = groups;
        tx.put_agent(&agent).await.unwrap();
    }
    let threads = [
        ("a", Some("stranger"), 1, ThreadStatus::Active),
        ("b", Some("member"), 1, ThreadStatus::Active),
        ("c", Some("stranger"), ALL_AGENTS, ThreadStatus::Active),
        ("d", None, 1, ThreadStatus::Queued),
        ("e", Some("stranger"), 1, ThreadStatus::Ended),
        ("f", Some("member"), 2, ThreadStatus::Active),
    ];
    for (age, (id, agent, group_id, status)) in (0..).zip(threads) {
        sample::put_chat(&mut tx, id).await;
        let mut thread = sample::thread(id, id, 9 - age);
        thread.agent_id = agent.map(Into::into);
        thread.group_id = group_id;
        thread.status = status;
        tx.put_thread(&thread).await.unwrap();
    }
    let expected = [("f", "member"), ("a", "stranger")];
    let expected = expected.map(|(id, agent)| (id.into(), agent.into()));
    assert_eq!(tx.threads_of_strangers().await.unwrap(), expected);
}

pub(crate) async fn threads_page_both_ways(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for n in [3, 0, 4, 1, 2] {
        tx.put_thread(&sample::thread(&n.to_string(), "C", 10 + n / 2))
            .await
            .unwrap();
    }
    for (ascending, expected) in [(true, ["T0", "12", "34"]), (false, ["43", "21", "0T"])] {
        let mut query = ThreadQuery {
            filter: ThreadFilter::of_groups(vec![1]),
            ascending,
            after: None,
            limit: 2,
        };
        for page in expected {
            let found = tx.threads(&query).await.unwrap();
            let ids: String = found.iter().map(|thread| thread.id.as_str()).collect();
            assert_eq!(ids, page);
            query.after = found.last().map(|last| (last.created_at, last.id.clone()));
        }
        assert_eq!(tx.threads(&query).await.unwrap(), []);
    }
    assert_eq!(
        tx.count_threads(&ThreadFilter::of_groups(vec![1]))
            .await
            .unwrap(),
        6
    );
}

pub(crate) async fn chats_and_threads_are_read_together(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_customer(&sample::customer("V")).await.unwrap();
    tx.put_chat(&sample::chat("D", "V", 1)).await.unwrap();
    for (id, chat, created_at) in [("b", "C", 9), ("d", "D", 3), ("c", "C", 5)] {
        let thread = sample::thread(id, chat, created_at);
        tx.put_thread(&thread).await.unwrap();
    }
    let both = ["C".into(), "D".into(), "E".into()];
    let ids = |rows: Vec<parlor_server::store::row::Thread>| -> Vec<String> {
        rows.into_iter().map(|row| row.id.into()).collect()
    };
    let threads = tx.threads_of_chats(&both).await.unwrap();
    assert_eq!(ids(threads), ["T", "c", "b", "d"]);
    let threads = tx.threads_by_id(&["d".into(), "none".into()]).await;
    assert_eq!(ids(threads.unwrap()), ["d"]);
    let mut chats = tx.chats_by_id(&both).await.unwrap();
    chats.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(
        chats,
        [sample::chat("C", "U", 1), sample::chat("D", "V", 1)]
    );
    let customers = tx.customers(&["V".into(), "W".into()]).await.unwrap();
    assert_eq!(customers, [sample::customer("V")]);
}

pub(crate) async fn threads_are_filtered_by_time_and_agents(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    for (id, created_at, users) in [
        ("b", 3, vec!["U", "ada"]),
        ("a", 3, vec!["U", "ada", "bob"]),
        ("c", 5, vec!["U", "bob"]),
    ] {
        let mut thread = sample::thread(id, "C", created_at);
        thread.user_ids = users.into_iter().map(Into::into).collect();
        tx.put_thread(&thread).await.unwrap();
    }
    let any = |ids: &[&str]| {
        Some(AgentFilter::AnyOf(
            ids.iter().map(|id| (*id).into()).collect(),
        ))
    };
    let none = |ids: &[&str]| {
        Some(AgentFilter::NoneOf(
            ids.iter().map(|id| (*id).into()).collect(),
        ))
    };
    for (from, to, agents, expected) in [
        (None, None, None, "Tabc"),
        (Some(3), None, None, "abc"),
        (Some(2), Some(3), None, "ab"),
        (Some(6), None, None, ""),
        (None, None, any(&["ada"]), "ab"),
        (None, None, any(&["bob", "nobody"]), "ac"),
        (Some(4), None, any(&["ada", "bob"]), "c"),
        (None, None, any(&[]), ""),
        (None, None, none(&["ada"]), "Tc"),
        (None, Some(3), none(&["bob"]), "Tb"),
        (None, None, none(&[]), "Tabc"),
    ] {
        let filter = ThreadFilter {
            groups: vec![1],
            from: from.map(at),
            to: to.map(at),
            agents,
        };
        let count = tx.count_threads(&filter).await.unwrap();
        assert_eq!(count, i64::try_from(expected.len()).unwrap(), "{filter:?}");
        let mut query = ThreadQuery {
            filter,
            ascending: true,
            after: None,
            limit: 2,
        };
        let mut ids = String::new();
        while let page = tx.threads(&query).await.unwrap()
            && let Some(last) = page.last()
        {
            query.after = Some((last.created_at, last.id.clone()));
            page.iter().for_each(|it| ids.push_str(it.id.as_str()));
        }
        assert_eq!(ids, expected, "{:?}", query.filter);
    }
}

/// Every third chat and thread is of the group 2, every third of all agents.
pub(crate) async fn lists_have_what_is_of_these_groups(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for n in 0..9 {
        let id = n.to_string();
        tx.put_customer(&sample::customer(&id)).await.unwrap();
        let mut chat = sample::chat(&id, &id, n);
        // A row that moves is found where it is now.
        tx.put_chat(&chat).await.unwrap();
        chat.group_id = n % 3;
        chat.active = n < 6;
        tx.put_chat(&chat).await.unwrap();
        let mut thread = sample::thread(&id, &id, n);
        tx.put_thread(&thread).await.unwrap();
        thread.group_id = n % 3;
        tx.put_thread(&thread).await.unwrap();
    }
    for (groups, expected) in [
        (vec![2], "258"),
        (vec![0, 2], "023568"),
        (vec![4], ""),
        (vec![], ""),
    ] {
        let count = i64::try_from(expected.len()).unwrap();
        let mut query = ChatQuery {
            active: None,
            groups: groups.clone(),
            ascending: true,
            after: None,
            limit: 2,
        };
        let mut ids = String::new();
        while let page = tx.chats(&query).await.unwrap()
            && let Some(last) = page.last()
        {
            query.after = Some((last.last_thread_at, last.id.clone()));
            page.iter().for_each(|chat| ids.push_str(chat.id.as_str()));
        }
        assert_eq!(ids, expected, "{groups:?}");
        assert_eq!(tx.count_chats(None, &groups).await.unwrap(), count);
        let active = tx.count_chats(Some(true), &groups).await.unwrap();
        let expected_active = expected.chars().filter(|id| *id < '6').count();
        assert_eq!(active, i64::try_from(expected_active).unwrap());
        let filter = ThreadFilter::of_groups(groups.clone());
        assert_eq!(tx.count_threads(&filter).await.unwrap(), count);
        let query = ThreadQuery {
            filter,
            ascending: false,
            after: None,
            limit: 9,
        };
        let threads = tx.threads(&query).await.unwrap();
        let ids: String = threads.iter().rev().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, expected);
    }
    let query = ChatQuery {
        active: Some(false),
        groups: vec![1, 2],
        ascending: false,
        after: None,
        limit: 9,
    };
    let ids: Vec<ChatId> = tx
        .chats(&query)
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(ids, ["8".into(), "7".into()]);
}

pub(crate) async fn threads_need_their_chat(store: &dyn Store) {
    let row = sample::thread("S", "nowhere", 1);
    refused(store, async |tx| tx.put_thread(&row).await).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.thread(&"S".into()).await.unwrap(), None);
}
