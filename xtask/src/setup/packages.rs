//! Programs of the system that tests start: installed by apt where that is there.

use anyhow::{Context, Result, bail};

use crate::shell;

/// Installs packages; with none, does nothing. `missing` says what to do where it cannot.
pub(super) fn install(packages: &[&str], missing: &'static str) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let user = shell::answer(shell::command("id").arg("-u"));
    let before: &[&str] = match user.as_deref() {
        Some("0") => &[],
        _ if shell::on_path("sudo") => &["sudo", "--non-interactive"],
        _ => bail!(missing),
    };
    if !shell::on_path("apt-get") {
        bail!(missing);
    }
    shell::say(&format!(
        "installing {} for the browser tests",
        packages.join(" and ")
    ));
    let mut install = vec!["apt-get", "install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    for words in [vec!["apt-get", "update", "-qq"], install] {
        let mut words = before.iter().copied().chain(words);
        let program = words.next().context(missing)?;
        let mut command = shell::command(program);
        command
            .args(words)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Services that come with a package are not started.
            .env("RUNLEVEL", "1");
        shell::run(&mut command).context(missing)?;
    }
    Ok(())
}
