//! `run`: builds what changed, then becomes the endpoint. The documents are those of a release, the
//! endpoint is not optimised, so that a first run does not take long.
//!
//! What can be sent is set up for the shop of the demo page (`embed/demo.toml`), unless somebody
//! has said what they want.
//!
//! The process is replaced, not accompanied: whoever stops it stops the endpoint, and sees its
//! exit code.

use std::fs;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{build, paths, setup, shell};

const LISTEN: &str = "127.0.0.1:8080";
const DATA: &str = "./parlor-data";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut listen = LISTEN.to_owned();
    let mut data = DATA.to_owned();
    let mut rest = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let slot = match word.as_str() {
            "--listen" => &mut listen,
            "--data" => &mut data,
            _ => {
                rest.push(word);
                continue;
            }
        };
        *slot = words
            .next()
            .with_context(|| format!("`{word}` wants a value"))?
            .clone();
    }
    let address = resolve(&listen)?;
    setup::for_building()?;
    build::assets()?;
    build::endpoint_for_trying()?;

    shell::say("starting the endpoint; Ctrl-C stops it");
    let reachable = reachable(address);
    println!("demo page   http://{reachable}/demo/");
    println!("console     http://{reachable}/agent/");
    let mut endpoint = shell::command(paths::endpoint("debug"));
    endpoint
        .args(["serve", "--listen", &address.to_string(), "--data", &data])
        .args(&rest);
    let chosen = std::env::var_os("PARLOR_SETTINGS").is_some()
        || rest.iter().any(|word| word.starts_with("--settings"))
        || Path::new(&data).join("parlor.toml").exists();
    if !chosen {
        endpoint.arg("--settings").arg(shop(reachable)?);
    }
    let failed = endpoint.exec();
    Err(failed).context("cannot start target/debug/parlor")
}

/// The settings of the demo shop, with pictures from the endpoint itself.
fn shop(here: SocketAddr) -> Result<PathBuf> {
    let made = paths::target().join("demo.toml");
    let settings = fs::read_to_string(paths::root().join("embed/demo.toml"))
        .context("cannot read embed/demo.toml")?
        .replace("{{here}}", &format!("http://{here}"));
    fs::write(&made, settings).context("cannot write below target/")?;
    Ok(made)
}

/// The address in numbers; port 0 becomes a free one, so that it can be printed.
fn resolve(listen: &str) -> Result<SocketAddr> {
    let wrong = || format!("`{listen}` is not an address to listen on, such as {LISTEN}");
    let mut address = listen
        .to_socket_addrs()
        .with_context(wrong)?
        .next()
        .with_context(wrong)?;
    if address.port() == 0 {
        let probe = TcpListener::bind(address).with_context(wrong)?;
        address.set_port(probe.local_addr()?.port());
    }
    Ok(address)
}

/// A browser on this machine cannot open "every address": it opens the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ones_that_a_browser_can_open() {
        let shown = |listen| reachable(resolve(listen).unwrap()).to_string();
        assert_eq!(shown("127.0.0.1:8080"), "127.0.0.1:8080");
        assert_eq!(shown("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(shown("[::]:80"), "[::1]:80");
        assert!(!shown("127.0.0.1:0").ends_with(":0"));
        assert!(resolve("8080").is_err());
    }
}
