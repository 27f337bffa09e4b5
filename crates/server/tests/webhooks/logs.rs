//! Nothing of a webhook is logged.

use std::{
    io,
    sync::{Arc, Mutex},
};

use parlor_server::telemetry::{LogFormat, subscriber};
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::{
    receiver::{Answer, Receiver, SECRET},
    site::{Site, later},
};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_words_nor_addresses_nor_secrets_are_logged() {
    let page = Page::default();
    let writer = page.clone();
    let subscriber = subscriber(LogFormat::Json, LevelFilter::TRACE, move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let receiver = Receiver::start().await;
    let mut hook = receiver.config("crm");
    let secret_path = format!("http://{}/secret-path?key=secret-key", receiver.address);
    hook.url.0 = secret_path.parse().unwrap();
    hook.events.insert("incoming_event");
    let header = (
        "authorization".parse().unwrap(),
        "secret-header".parse().unwrap(),
    );
    hook.headers.0.push(header);
    let site = Site::new(vec![hook]).await;
    let mut visitor = site
        .visitor_with(json!({ "visitorName": "Jonathan Appleseed" }))
        .await;
    visitor.say("my account is empty").await.ok();
    receiver.answer([Answer::With(500, "x-answer", "secret-answer".to_owned())]);
    site.deliver().await;
    later(1).await;
    site.deliver().await;
    assert!(receiver.take().len() > 2);
    let log = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    for told in [
        "a webhook was not delivered",
        "a webhook was delivered",
        "status 500",
        "crm",
    ] {
        assert!(log.contains(told), "{told}: {log}");
    }
    for secret in [
        "secret-path",
        "secret-key",
        "secret-header",
        "secret-answer",
        SECRET,
        "Appleseed",
        "my account",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
