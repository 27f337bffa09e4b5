//! `dev`: `trunk serve` rebuilds and reloads the widget, and the endpoint runs beside it, serving
//! loader and demo straight from `embed/`. One Ctrl-C, or the end of either, stops both.
//!
//! `--data DIR` is for the endpoint; every other argument is for `trunk serve`.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::{build, paths, setup, shell};

/// `Trunk.toml` names the same two ports.
const ENDPOINT: &str = "127.0.0.1:8080";
pub(crate) const WIDGET: &str = "127.0.0.1:8081";

const DATA: &str = "./parlor-data";

/// How long after one of the two has ended the other is stopped.
const LOOK: Duration = Duration::from_millis(200);

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut data = DATA.to_owned();
    let mut for_trunk = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--data" => words
                .next()
                .context("`--data` wants a value")?
                .clone_into(&mut data),
            _ => for_trunk.push(word),
        }
    }
    setup::for_developing()?;
    build::assets()?;
    build::endpoint_for_trying()?;

    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped)).context("cannot take signals")?;
    }
    let mut endpoint = shell::command(paths::endpoint("debug"));
    endpoint
        .args(["serve", "--data", &data, "--listen", ENDPOINT])
        .args(["--public-url", &format!("http://{WIDGET}"), "--assets"])
        .arg(live_assets()?);
    let mut trunk = shell::command(paths::tool("trunk"));
    trunk
        .args(["serve", "--config", "Trunk.toml", "--dist"])
        .arg(paths::target().join("trunk/dev"))
        .args(for_trunk)
        // Trunk reads NO_COLOR as a flag with a value, and refuses the usual `1`.
        .env_remove("NO_COLOR");

    println!("demo page   http://{WIDGET}/demo/");
    println!("console     http://{ENDPOINT}/agent/");
    let mut both = Vec::new();
    let ended = start(&mut endpoint, &mut both).and_then(|()| start(&mut trunk, &mut both));
    let ended = ended.and_then(|()| wait(&mut both, &stopped));
    for child in &mut both {
        stop(child);
    }
    ended
}

fn start(command: &mut Command, running: &mut Vec<Child>) -> Result<()> {
    let name = shell::words(command);
    let child = command
        .stdin(Stdio::null())
        // A group of its own, so that what it starts (Trunk starts cargo) can be stopped with it.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    running.push(child);
    Ok(())
}

/// Stops a process and everything that it has started.
fn stop(child: &mut Child) {
    // A group that has ended already cannot be stopped: that is fine.
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{}", child.id())])
        .stderr(Stdio::null())
        .status();
    let _ = child.wait();
}

fn wait(running: &mut [Child], stopped: &AtomicBool) -> Result<()> {
    while !stopped.load(Ordering::Relaxed) {
        for child in running.iter_mut() {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("one of the two has ended ({status}), so the other is stopped too");
            }
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// The built console, and links to the sources of what is served unbuilt.
fn live_assets() -> Result<std::path::PathBuf> {
    let live = paths::target().join("assets-dev");
    fs::create_dir_all(&live).context("cannot write below target/")?;
    build::link(&paths::root().join("embed"), &live.join("embed"))?;
    build::link(&paths::root().join("embed/demo"), &live.join("demo"))?;
    for document in [build::CONSOLE, build::WIDGET] {
        build::link(
            &paths::assets().join(document.name),
            &live.join(document.name),
        )?;
    }
    Ok(live)
}
