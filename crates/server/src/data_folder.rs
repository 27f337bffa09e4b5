//! The data folder: creates it, and makes sure that one process at a time
//! serves from it or migrates it. It does not know what is in it.
//!
//! What must stay true: whoever migrates the database or deletes files holds
//! the lock. The operating system releases it when the process ends, in
//! whatever way.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The folder of uploaded files.
pub(crate) const FILES_FOLDER: &str = "files";

/// The file in the folder whose lock is taken. It is empty, and stays.
const LOCK_FILE: &str = "parlor.lock";

/// Creates the folder. Only the owner may read it: visitors' messages are in
/// it.
pub(crate) fn create(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Held by the process that serves from a folder. Released when dropped.
#[derive(Debug)]
pub struct FolderLock {
    _locked: File,
}

/// Why a folder is not locked. Each error is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "another parlor uses {}: stop it first, or choose another folder by --data",
        .0.display()
    )]
    Held(PathBuf),
    #[error("cannot lock {}: {reason}", path.display())]
    Unusable { path: PathBuf, reason: io::Error },
}

impl FolderLock {
    /// Creates the folder if it is missing, and locks it.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process holds the lock.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let unusable = |path: &Path, reason| LockError::Unusable {
            path: path.to_owned(),
            reason,
        };
        create(folder).map_err(|error| unusable(folder, error))?;
        let path = folder.join(LOCK_FILE);
        let file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unusable(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new/data");
        let lock = FolderLock::take(&folder).unwrap();
        let refused = FolderLock::take(&folder).unwrap_err();
        assert!(matches!(&refused, LockError::Held(path) if *path == folder));
        drop(lock);
        FolderLock::take(&folder).unwrap();
    }
}
