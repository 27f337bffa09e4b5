//! `clients`: what others wrote for our protocols speaks with the real binary
//! (`tests/clients`). It is fetched by npm and pip, pinned, into the cache of tools; it is no part of
//! `test`, because it wants Python and OpenSSL, and registries that answer.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{build, paths, setup, shell};

/// Python's virtual environments, with what is installed into each: some of the clients want
/// other versions of one library.
const VENVS: [(&str, &str); 4] = [
    ("venv", "requirements.txt"),
    ("zenpy", "archive/requirements-zenpy.txt"),
    ("tap", "archive/requirements-tap.txt"),
    ("extractor", "archive/requirements-extractor.txt"),
];

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    for program in ["python3", "openssl"] {
        if !shell::on_path(program) {
            bail!("{program} is missing");
        }
    }
    setup::for_building()?;
    build::release()?;
    install()?;
    let mut playwright = shell::command(paths::node_tool("playwright"));
    playwright
        .args(["test", "--config", "tests/clients/playwright.config.ts"])
        .args(arguments)
        .env("PARLOR_CLIENTS", folder());
    shell::run(&mut playwright)
}

fn folder() -> std::path::PathBuf {
    paths::cache().join("clients")
}

fn install() -> Result<()> {
    shell::say("fetching the clients");
    let (folder, listed) = (folder(), paths::root().join("tests/clients"));
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(listed.join(name), folder.join(name)).with_context(|| name.to_owned())?;
    }
    let mut npm = shell::command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    shell::run(npm.arg("--loglevel=error").current_dir(&folder))?;
    for (venv, requirements) in VENVS {
        let venv = folder.join(venv);
        shell::run(shell::command("python3").args(["-m", "venv"]).arg(&venv))?;
        shell::run(
            shell::command(venv.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(listed.join(requirements)),
        )?;
    }
    Ok(())
}
