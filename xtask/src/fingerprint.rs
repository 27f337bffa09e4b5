//! Has anything changed since this was done last?
//!
//! A mark is a file under `target/xtask` that holds a number made of the contents of every input.
//! Inputs are named by what they are *not*: a folder that somebody adds tomorrow counts until it
//! is left out by name, so a forgotten one costs a build and never a stale result.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// Never inputs: results, other people's packages, tests, and ourselves.
const NEVER: &[&str] = &[
    ".ci",
    ".git",
    "dist",
    "docs",
    "node_modules",
    "parlor-data",
    "playwright.config.ts",
    "target",
    "tests",
    "xtask",
];

pub(crate) struct Mark {
    file: PathBuf,
    value: String,
}

impl Mark {
    /// `salt` is what counts beside files: versions of tools, commands.
    pub(crate) fn of_tree(name: &str, salt: &str, left_out: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        let root = paths::root();
        for file in files(&root, &|path| input(path, left_out))? {
            hash_file(&root, &file, &mut hasher)?;
        }
        Ok(Self::new(name, &hasher))
    }

    pub(crate) fn of_files(name: &str, salt: &str, names: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        let root = paths::root();
        for name in names {
            hash_file(&root, &root.join(name), &mut hasher)?;
        }
        Ok(Self::new(name, &hasher))
    }

    fn new(name: &str, hasher: &DefaultHasher) -> Self {
        Self {
            file: paths::marks().join(name),
            value: format!("{:016x}\n", hasher.finish()),
        }
    }

    pub(crate) fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|found| found == self.value)
    }

    pub(crate) fn set(&self) -> Result<()> {
        fs::create_dir_all(paths::marks()).context("cannot write below target/")?;
        fs::write(&self.file, &self.value).context("cannot write below target/")
    }
}

fn input(path: &Path, left_out: &[&str]) -> bool {
    let prose = path.extension().is_some_and(|extension| extension == "md")
        || path.file_name().is_some_and(|name| name == ".DS_Store");
    let left_out = NEVER
        .iter()
        .chain(left_out)
        .any(|name| path.starts_with(name));
    !left_out && !prose
}

/// All files below a folder in a fixed order, for which (by path relative to it) `wanted` holds.
pub(crate) fn files(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let relative = path.strip_prefix(root).unwrap_or(&path);
            if !wanted(relative) {
                continue;
            }
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

fn hash_file(root: &Path, file: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    file.strip_prefix(root).unwrap_or(file).hash(hasher);
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    content.hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_folders_count_until_left_out() {
        assert!(input(Path::new("src/view/new.rs"), &["crates/server"]));
        assert!(input(
            Path::new("crates/wire/src/lib.rs"),
            &["crates/server"]
        ));
        assert!(!input(
            Path::new("crates/server/src/main.rs"),
            &["crates/server"]
        ));
        assert!(!input(Path::new("target/x"), &[]));
        assert!(!input(Path::new("docs/a.md"), &[]));
    }
}
