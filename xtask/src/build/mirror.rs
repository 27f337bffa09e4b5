//! Makes one folder hold what another holds. A file that is the same already is not touched: the
//! server's build script looks at times, and must not run again for nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use crate::fingerprint::files;

pub(crate) fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot write {}", to.display()))?;
    let wanted = files(from, &|_| true)
        .with_context(|| format!("cannot read the folder {}", from.display()))?;
    for source in &wanted {
        let copy = to.join(source.strip_prefix(from)?);
        let content = fs::read(source)?;
        if fs::read(&copy).is_ok_and(|found| found == content) {
            continue;
        }
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&copy, content).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    for copy in files(to, &|_| true)? {
        if !from.join(copy.strip_prefix(to)?).is_file() {
            fs::remove_file(&copy)?;
        }
    }
    Ok(())
}

/// A symbolic link in place of whatever was there, for work on files that are served as they are.
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", to.display()));
        }
        _ => {}
    }
    std::os::unix::fs::symlink(from, to)
        .with_context(|| format!("cannot link {} to {}", to.display(), from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_what_is_new_leaves_what_is_same_and_removes_what_is_gone() {
        let base = std::env::temp_dir().join(format!("xtask-mirror-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(from.join("same"), "same").unwrap();
        fs::write(to.join("same"), "same").unwrap();
        fs::write(from.join("deep/new"), "new").unwrap();
        fs::write(to.join("gone"), "gone").unwrap();
        let before = fs::metadata(to.join("same")).unwrap().modified().unwrap();

        mirror(&from, &to).unwrap();

        assert_eq!(fs::read_to_string(to.join("deep/new")).unwrap(), "new");
        assert!(!to.join("gone").exists());
        let after = fs::metadata(to.join("same")).unwrap().modified().unwrap();
        assert_eq!(before, after);
        fs::remove_dir_all(base).unwrap();
    }
}
