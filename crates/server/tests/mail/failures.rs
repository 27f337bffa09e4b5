//! An SMTP server that refuses, hangs or dies.

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use parlor_server::{
    mail::MailConfig,
    telemetry::{LogFormat, subscriber},
};
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::{
    server::TestRequest,
    site::{Site, later},
    smtp::Smtp,
};

#[tokio::test]
async fn a_mail_that_is_refused_is_given_up_at_once() {
    for mode in ["refuse", "refuse_text"] {
        let mut smtp = Smtp::start();
        smtp.mode(mode);
        let site = Site::answered(smtp.config()).await;
        site.deliver().await;
        assert!(site.waiting().await.is_empty(), "{mode}");
        smtp.mode("take");
        later(24 * 3600).await;
        site.deliver().await;
        assert_eq!((smtp.attempts(), smtp.mails().len()), (1, 0), "{mode}");
    }
}

#[tokio::test]
async fn a_mail_that_is_not_taken_now_is_tried_again_after_growing_pauses() {
    let mut smtp = Smtp::start();
    smtp.mode("later");
    let site = Site::answered(smtp.config()).await;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let before = smtp.attempts();
        site.deliver().await;
        assert_eq!(smtp.attempts(), before + 1);
        let row = site.waiting().await.remove(0);
        assert_eq!(row.last_problem.as_deref(), Some("recipient"));
        let pause = row
            .next_attempt_at
            .unwrap()
            .seconds_since(site.server.clock.now());
        pauses.push((pause + 30) / 60);
        later(pause.unsigned_abs() - 5).await;
        site.deliver().await;
        assert_eq!(smtp.attempts(), before + 1, "too early");
        later(10).await;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
    smtp.mode("take");
    site.deliver().await;
    smtp.only_mail();
}

#[tokio::test]
async fn after_two_days_a_mail_is_given_up() {
    let mut smtp = Smtp::start();
    smtp.mode("later");
    let site = Site::answered(smtp.config()).await;
    site.deliver().await;
    later(47 * 3600).await;
    site.deliver().await;
    assert_eq!(site.waiting().await.len(), 1);
    later(3 * 3600).await;
    site.deliver().await;
    assert!(site.waiting().await.is_empty());
    smtp.mode("take");
    later(24 * 3600).await;
    site.deliver().await;
    assert_eq!((smtp.attempts(), smtp.mails().len()), (3, 0));
}

/// Mails that wait for a server, and not for its answer to them, are sent soon after
/// it is back.
#[tokio::test]
async fn while_the_server_is_not_there_everything_waits() {
    let mut smtp = Smtp::start();
    let site = Site::answered(smtp.config()).await;
    let (port, _) = (smtp.port, smtp.mode("close"));
    site.deliver().await;
    site.deliver().await;
    assert_eq!(smtp.attempts(), 1, "the server rests");
    drop(smtp);
    later(60).await;
    let message = site.message_of_yesterday("Is it red?").await;
    site.answer(&message, "It is not.").await;
    for _ in 0..8 {
        later(15 * 60).await;
        site.deliver().await;
    }
    assert_eq!(site.waiting().await.len(), 2);
    let mut smtp = Smtp::again_at(port);
    later(15 * 60).await;
    site.deliver().await;
    assert_eq!(smtp.mails().len(), 2);
    assert!(site.waiting().await.is_empty());
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_gets_the_mail_when_it_is_back() {
    let mut smtp = Smtp::start();
    smtp.mode("die");
    let port = smtp.port;
    let site = Site::answered(smtp.config()).await;
    let id = site.waiting().await.remove(0).id;
    site.deliver().await;
    let row = site.waiting().await.remove(0);
    assert_eq!(row.last_problem.as_deref(), Some("connection"));
    let mut smtp = Smtp::again_at(port);
    later(60).await;
    site.deliver().await;
    site.deliver().await;
    let mail = smtp.only_mail();
    let expected = format!("<{id}@hats.example>");
    assert_eq!(mail["headers"]["message-id"], expected.as_str());
}

#[tokio::test]
async fn a_server_that_hangs_holds_up_nobody() {
    let mut smtp = Smtp::start();
    smtp.mode("hang");
    let site = Site::answered(smtp.config()).await;
    let app = site.server.app.clone();
    let sending = tokio::spawn(async move { app.send_due_mail().await });
    // The task gets its turns while this one waits for another thread.
    let mut smtp = tokio::task::spawn_blocking(move || {
        smtp.wait(1);
        smtp
    })
    .await
    .unwrap();
    let began = Instant::now();
    let message = site.message_of_yesterday("Is it red?").await;
    site.answer(&message, "It is not.").await;
    let mut ready = TestRequest::get("");
    ready.uri = "/readyz".to_owned();
    ready.send_to(&site.server.router).await.status(200);
    assert!(began.elapsed() < Duration::from_secs(5));
    // The day that has passed is longer than an attempt may take.
    sending.await.unwrap().unwrap();
    let problems: Vec<_> = site
        .waiting()
        .await
        .into_iter()
        .map(|it| it.last_problem)
        .collect();
    assert!(
        problems.contains(&Some("timeout".to_owned())),
        "{problems:?}"
    );
    smtp.mode("take");
    later(3_600).await;
    site.deliver().await;
    assert_eq!(smtp.mails().len(), 2);
}

#[tokio::test]
async fn an_attempt_whose_end_nobody_knows_is_made_again() {
    let mut smtp = Smtp::start();
    smtp.mode("hang");
    let site = Site::answered(smtp.config()).await;
    let id = site.waiting().await.remove(0).id;
    let app = site.server.app.clone();
    let sending = tokio::spawn(async move { app.send_due_mail().await });
    let mut smtp = tokio::task::spawn_blocking(move || {
        smtp.wait(1);
        smtp
    })
    .await
    .unwrap();
    // The process dies. What is written meanwhile is no part of that mail.
    sending.abort();
    let row = site.waiting().await.remove(0);
    let message =
        json!({ "thread_id": row.thread_id, "chat_id": chat_of(&site, &row.thread_id).await });
    site.answer(&message, "Or is it?").await;
    smtp.mode("take");
    let next = site
        .server
        .process_with(
            3,
            parlor_server::app::Config {
                mail: Some(smtp.config()),
                ..Default::default()
            },
        )
        .await;
    later(120).await;
    next.app.send_due_mail().await.unwrap();
    let mails = smtp.mails();
    let expected = format!("<{id}@hats.example>");
    let is_it = |it: &&serde_json::Value| it["headers"]["message-id"] == expected.as_str();
    assert_eq!(mails.len(), 2);
    let first = mails.iter().find(is_it).unwrap();
    assert!(!first["text"].as_str().unwrap().contains("Or is it?"));
}

async fn chat_of(site: &Site, thread: &parlor_wire::ThreadId) -> String {
    let mut tx = site.server.store().read().await.unwrap();
    let thread = tx.thread(thread).await.unwrap().unwrap();
    thread.chat_id.to_string()
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Servers quote addresses in their answers.
#[tokio::test]
async fn no_address_and_no_word_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = subscriber(LogFormat::Json, LevelFilter::TRACE, move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    let mut smtp = Smtp::start();
    let site = Site::answered(smtp.config()).await;
    for mode in ["later", "close", "take", "refuse"] {
        smtp.mode(mode);
        site.deliver().await;
        later(3_600).await;
        let message = site.message_of_yesterday(mode).await;
        site.answer(&message, "It is.").await;
        later(3_600).await;
    }
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "a mail was not sent",
        "a mail was sent",
        "a mail is given up",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    for private in ["@", "blue", "It is", "Jon", "come again", "not known"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

#[tokio::test]
async fn a_server_that_offers_no_tls_is_told_nothing() {
    let mut smtp = Smtp::start();
    let mut config: MailConfig = smtp.config();
    config.server.security = parlor_server::mail::Security::StartTls;
    config.server.host = "localhost".to_owned();
    let site = Site::answered(config).await;
    site.deliver().await;
    let row = site.waiting().await.remove(0);
    assert_eq!(row.last_problem.as_deref(), Some("tls"));
    assert_eq!((smtp.attempts(), smtp.mails().len()), (0, 0));
}
