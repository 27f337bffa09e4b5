//! `cargo xtask dev` starts, and what it serves works in a browser: the document by `trunk serve`, and
//! through the same address the endpoint's replies.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lol_html::{RewriteStrSettings, element, rewrite_str};

use crate::check::tally::Tally;
use crate::dev::WIDGET;
use crate::setup::{self, chromium};
use crate::{paths, shell};

/// Until the document is served. Trunk first compiles the widget and its dependencies, unoptimised.
const START: Duration = Duration::from_secs(15 * 60);
/// From the signal until both servers have ended.
const STOP: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(500);

/// A button of the chat's first view, which is shown once the endpoint has sent its settings.
const SHOWN: &str = "Start a conversation";

pub(crate) fn serves() -> Result<Tally> {
    if !setup::can_develop() {
        shell::say("not checked: Trunk is not installed here, which `cargo xtask dev` does");
        return Ok(Tally::default());
    }
    let data = paths::target().join("check-dev");
    match fs::remove_dir_all(&data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    ensure!(
        TcpStream::connect(WIDGET).is_err(),
        "something else listens on {WIDGET}"
    );
    // As one types it. The file that this process was started from is gone when an earlier check
    // has compiled xtask anew.
    let mut xtask = shell::cargo();
    xtask.args(["xtask", "dev", "--data"]).arg(&data);
    let mut dev = xtask
        .stdin(Stdio::null())
        .spawn()
        .context("cannot start `cargo xtask dev`")?;
    let served = look(&mut dev);
    let stopped = stop(&mut dev);
    served.and(stopped).map(|()| Tally {
        passed: 1,
        ..Tally::default()
    })
}

fn look(dev: &mut Child) -> Result<()> {
    let begun = Instant::now();
    let document = loop {
        if let Some(status) = dev.try_wait()? {
            bail!("`cargo xtask dev` ended by itself ({status})");
        }
        match get("/chat/") {
            Ok(document) => break document,
            Err(error) if begun.elapsed() > START => {
                return Err(error.context("the document is not served"));
            }
            Err(_) => thread::sleep(LOOK),
        }
    };
    ensure!(
        document.contains("boot.js"),
        "not the chat document: {document}"
    );
    let demo = get("/demo/").context("the endpoint does not answer through trunk")?;
    let deployment = deployment(&demo)?;

    let mut chromium = shell::command(chromium::find().context("Chromium is missing")?);
    chromium
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--lang=en"])
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("http://{WIDGET}/chat/?deployment={deployment}"));
    let shown = shell::answer(&mut chromium).context("Chromium failed")?;
    ensure!(
        shown.contains(SHOWN),
        "the chat does not show \"{SHOWN}\" but {shown}"
    );
    Ok(())
}

/// The body of a reply to GET, where its status is 200.
fn get(path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(WIDGET)?;
    stream.set_read_timeout(Some(STOP))?;
    // HTTP/1.0: the connection ends with the reply.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {WIDGET}\r\n\r\n")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    let reply = String::from_utf8_lossy(&reply);
    let (head, body) = reply.split_once("\r\n\r\n").context("not HTTP")?;
    ensure!(
        head.split(' ').nth(1) == Some("200"),
        "{path} is answered {head}"
    );
    Ok(body.to_owned())
}

/// The deployment that the demo page embeds.
fn deployment(demo: &str) -> Result<String> {
    let mut found = None;
    let handler = element!("script[data-deployment]", |script| {
        found = script.get_attribute("data-deployment");
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(handler);
    rewrite_str(demo, settings)?;
    found.context("the demo page embeds no chat")
}

/// Ends it as Ctrl-C does, and waits until nothing listens any more.
fn stop(dev: &mut Child) -> Result<()> {
    let begun = Instant::now();
    if dev.try_wait()?.is_none() {
        shell::run(shell::command("kill").args(["-TERM", &dev.id().to_string()]))?;
    }
    while dev.try_wait()?.is_none() || TcpStream::connect(WIDGET).is_ok() {
        if begun.elapsed() > STOP {
            // It may have ended just now.
            let _ = dev.kill();
            bail!("`cargo xtask dev` does not end when it is asked to");
        }
        thread::sleep(LOOK);
    }
    Ok(())
}
