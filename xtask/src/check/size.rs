//! What a visitor's browser downloads: before the first click the loader, after it the chat
//! document, and each file that is rarely wanted when it first is. The first two have a limit, at
//! brotli 11, which is what a front server sends.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::check::tally::Tally;
use crate::fingerprint::files;
use crate::{build, paths, setup, shell};

/// Every page of every customer loads it, whether anybody chats or not.
const LOADER_LIMIT: usize = 5 * 1024;

/// Some two seconds on a slow mobile line of 1 Mbit/s. It is little above what the document has, so that
/// the document does not grow unnoticed.
const DOCUMENT_LIMIT: usize = 270_000;

/// The size that the document should have: without 30,000 of the 49,000 bytes that serde's derives
/// add. Above it the check only says so.
const DOCUMENT_AIM: usize = 210_000;

/// The folder of the chat document whose files are fetched when they are first needed.
const LATER: &str = "later";

struct Part {
    name: String,
    plain: usize,
    gzip: usize,
    brotli: usize,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(word) = arguments.first() {
        bail!("`size` takes no `{word}`");
    }
    setup::for_building()?;
    build::assets()?;
    check().map(drop)
}

/// Prints the table of what is in `target/assets` and judges it.
pub(crate) fn check() -> Result<Tally> {
    let assets = paths::assets();
    let loader = weigh(&assets, &[assets.join("embed/parlor.js")])?;
    let found = files(&assets.join("chat"), &|_| true).context("there is no chat document")?;
    let later = assets.join("chat").join(LATER);
    let (later, document): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|file| file.starts_with(&later));
    let document = weigh(&assets, &document)?;
    rows("before the first click", &loader);
    let loader = sum(&loader);
    bound("limit", LOADER_LIMIT);
    rows("after the first click", &document);
    let document = sum(&document);
    bound("aim", DOCUMENT_AIM);
    bound("limit", DOCUMENT_LIMIT);
    // Not summed: nobody loads more than one language.
    rows("when it is first needed", &weigh(&assets, &later)?);
    if document > DOCUMENT_AIM {
        println!(
            "\nthe chat document is {} bytes above its aim",
            document - DOCUMENT_AIM
        );
    }
    match (loader > LOADER_LIMIT, document > DOCUMENT_LIMIT) {
        (false, false) => Ok(Tally::default()),
        (true, _) => bail!("the loader is {loader} bytes; its limit is {LOADER_LIMIT}"),
        (_, true) => bail!("the chat document is {document} bytes; its limit is {DOCUMENT_LIMIT}"),
    }
}

/// Node compresses: it is here anyway for the build, and brings both formats.
fn weigh(assets: &Path, files: &[PathBuf]) -> Result<Vec<Part>> {
    let mut node = shell::command("node");
    node.arg(paths::root().join("xtask/src/check/weigh.mjs"))
        .args(files);
    let answer =
        shell::answer(&mut node).with_context(|| format!("`{}` failed", shell::words(&node)))?;
    let sizes: Vec<[usize; 3]> = serde_json::from_str(&answer)?;
    let parts = files
        .iter()
        .zip(sizes)
        .map(|(file, [plain, gzip, brotli])| Part {
            name: file
                .strip_prefix(assets)
                .unwrap_or(file)
                .display()
                .to_string(),
            plain,
            gzip,
            brotli,
        });
    Ok(parts.collect())
}

fn rows(title: &str, parts: &[Part]) {
    println!(
        "\n{title:<36} {:>9} {:>9} {:>9}",
        "plain", "gzip 9", "brotli 11"
    );
    parts.iter().for_each(row);
}

fn row(part: &Part) {
    let Part {
        name,
        plain,
        gzip,
        brotli,
    } = part;
    println!("  {name:<34} {plain:>9} {gzip:>9} {brotli:>9}");
}

fn bound(name: &str, brotli: usize) {
    println!("  {name:<34} {:>9} {:>9} {brotli:>9}", "", "");
}

/// Prints the sum of the parts; returns it at brotli.
fn sum(parts: &[Part]) -> usize {
    let sum = |of: fn(&Part) -> usize| parts.iter().map(of).sum::<usize>();
    let total = Part {
        name: "together".to_owned(),
        plain: sum(|part| part.plain),
        gzip: sum(|part| part.gzip),
        brotli: sum(|part| part.brotli),
    };
    row(&total);
    total.brotli
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_judged_at_brotli() {
        let part = |brotli| Part {
            name: "a".to_owned(),
            plain: 9,
            gzip: 5,
            brotli,
        };
        assert_eq!(sum(&[part(3), part(4)]), 7);
    }

    #[test]
    fn what_repeats_is_small() {
        let file = std::env::temp_dir().join(format!("xtask-size-{}", std::process::id()));
        std::fs::write(&file, "the same words, ".repeat(100)).unwrap();
        let parts = weigh(&std::env::temp_dir(), std::slice::from_ref(&file)).unwrap();
        std::fs::remove_file(file).unwrap();
        assert!(matches!(
            parts.as_slice(),
            [Part {
                plain: 1600,
                gzip: 1..100,
                brotli: 1..100,
                ..
            }]
        ));
    }
}
