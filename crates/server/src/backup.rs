//! Backups: the database and the files in one archive (tar), made while the server runs, and
//! brought back into a folder.
//!
//! What must stay true: the archive has the database as it was at one moment, and all files that
//! it names then: a file never changes under its key, so that it can be copied later. An archive
//! is under its name only when it is whole and on disk. A folder has a database only when
//! everything that belongs to it is there.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write as _},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};

use crate::{
    data_folder::{FILES_FOLDER, FolderLock, LockError},
    files::FileVariant,
    store::{
        StoreError,
        sqlite::{SqliteStore, backup},
    },
};

/// The first entry of an archive.
const MANIFEST: &str = "parlor-backup.json";
const DATABASE: &str = "parlor.db";

/// The format of archives. Another number is another format.
const FORMAT: u32 = 1;

/// No manifest is longer.
const MANIFEST_MAX_BYTES: u64 = 64 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// The program that made it.
    parlor: String,
    /// RFC 3339.
    made_at: String,
}

/// Why a backup was not made or not brought back. Each error is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no database in {}", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} exists: write to another file, or over it by --force", .0.display())]
    Exists(PathBuf),
    #[error(
        "there is a database in {}: restore into another folder, or in its place by --force",
        .0.display()
    )]
    HasDatabase(PathBuf),
    #[error("{} is no backup: {reason}", path.display())]
    NoBackup { path: PathBuf, reason: String },
    #[error("{}: {reason}", path.display())]
    Io { path: PathBuf, reason: io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Result<T> = std::result::Result<T, BackupError>;

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    pub files: u64,
    /// Files that the database names and that are not there: they were deleted while the backup
    /// was made, or their upload was not complete.
    pub missing: u64,
    /// Customers who were erased after the backup was made, and are erased again at the next
    /// start.
    pub to_erase: u64,
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|reason| BackupError::Io {
        path: path.to_owned(),
        reason,
    })
}

/// A folder that only its owner can read, deleted at the end with what is left in it.
struct Workplace(PathBuf);

impl Workplace {
    fn beside(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = format!(".{}.{}", name.to_string_lossy(), std::process::id());
        let folder = path.with_file_name(name);
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        at(&folder, builder.create(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes an archive of the data folder. The server may run meanwhile.
///
/// # Errors
/// [`BackupError::Exists`] unless `force` is set, and when something cannot be read or written:
/// then there is no archive, or the old one.
pub async fn make(data: &Path, archive: &Path, made_at: String, force: bool) -> Result<Copied> {
    if !SqliteStore::is_in(data) {
        return Err(BackupError::NoDatabase(data.to_owned()));
    }
    if archive.exists() && !force {
        return Err(BackupError::Exists(archive.to_owned()));
    }
    let place = Workplace::beside(archive)?;
    let snapshot = place.0.join(DATABASE);
    backup::snapshot(data, &snapshot).await?;
    let keys = backup::file_keys(&snapshot).await?;
    let manifest = Manifest {
        format: FORMAT,
        parlor: env!("CARGO_PKG_VERSION").to_owned(),
        made_at,
    };
    let (files, archive) = (data.join(FILES_FOLDER), archive.to_owned());
    run_blocking(move || {
        let path = place.0.join("backup.tar");
        let copied = write_archive(&path, &manifest, &snapshot, &files, &keys)?;
        at(&archive, fs::rename(&path, &archive))?;
        sync_folder_of(&archive)?;
        Ok(copied)
    })
    .await
}

fn write_archive(
    path: &Path,
    manifest: &Manifest,
    database: &Path,
    files: &Path,
    keys: &[String],
) -> Result<Copied> {
    let file = at(path, private(path))?;
    let mut tar = Builder::new(BufWriter::with_capacity(1 << 20, file));
    let manifest = serde_json::to_vec(manifest).map_err(io::Error::other);
    let manifest = at(path, manifest)?;
    at(
        path,
        append(
            &mut tar,
            MANIFEST,
            manifest.len() as u64,
            manifest.as_slice(),
        ),
    )?;
    at(path, append_file(&mut tar, DATABASE, database))?;
    let mut copied = Copied::default();
    for key in keys {
        for variant in FileVariant::ALL {
            let name = format!("{FILES_FOLDER}/{key}/{}", variant.as_str());
            let from = files.join(key).join(variant.as_str());
            match append_file(&mut tar, &name, &from) {
                Ok(()) if variant == FileVariant::File => copied.files += 1,
                Ok(()) => {}
                // Thumbnails are not there for all files.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    copied.missing += u64::from(variant == FileVariant::File);
                }
                Err(error) => return at(&from, Err(error)),
            }
        }
    }
    let written = tar.into_inner().and_then(|mut buffer| {
        buffer.flush()?;
        buffer.get_ref().sync_all()
    });
    at(path, written)?;
    Ok(copied)
}

fn append_file<W: io::Write>(tar: &mut Builder<W>, name: &str, from: &Path) -> io::Result<()> {
    let file = File::open(from)?;
    let size = file.metadata()?.len();
    append(tar, name, size, BufReader::new(file))
}

fn append<W: io::Write>(
    tar: &mut Builder<W>,
    name: &str,
    size: u64,
    bytes: impl Read,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(size);
    tar.append_data(&mut header, name, bytes.take(size))
}

/// Brings an archive back into a folder that no server uses.
///
/// # Errors
/// [`BackupError::HasDatabase`] unless `force` is set, [`BackupError::NoBackup`] for anything but
/// a whole archive of this program, and when something cannot be written. The folder is as before
/// then, but for faults of the disk in the last moment: it has no database then, and the old one
/// is in a folder beside it.
pub async fn restore(archive: &Path, data: &Path, force: bool) -> Result<Copied> {
    let _lock = FolderLock::take(data)?;
    if SqliteStore::is_in(data) && !force {
        return Err(BackupError::HasDatabase(data.to_owned()));
    }
    let place = Workplace::beside(&data.join("restored"))?;
    let unpacked = place.0.join("new");
    let (from, into) = (archive.to_owned(), unpacked.clone());
    let mut copied = run_blocking(move || read_archive(&from, &into)).await?;
    let database = unpacked.join(DATABASE);
    backup::check(&database)
        .await
        .map_err(|error| match error {
            StoreError::TooNew { .. } => error.into(),
            other => no_backup(archive, other.to_string()),
        })?;
    let old = data.join(DATABASE);
    if old.is_file() {
        // An old database that cannot be read says nothing.
        let repeated = backup::repeat_erasures(&old, &database).await;
        copied.to_erase = repeated.unwrap_or(0);
    }
    let data = data.to_owned();
    run_blocking(move || put_in_place(&unpacked, &data, &place)).await?;
    Ok(copied)
}

/// Moves what is there out of the way and the new in its place. The database is the first to
/// leave and the last to come.
fn put_in_place(new: &Path, data: &Path, place: &Workplace) -> Result<()> {
    let old = place.0.join("old");
    at(&old, fs::create_dir(&old))?;
    for name in [DATABASE, "parlor.db-wal", "parlor.db-shm", FILES_FOLDER] {
        match fs::rename(data.join(name), old.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return at(&data.join(name), Err(error));
            }
            _ => {}
        }
    }
    let database = data.join(DATABASE);
    sync_folder_of(&database)?;
    for name in [FILES_FOLDER, DATABASE] {
        at(
            &data.join(name),
            fs::rename(new.join(name), data.join(name)),
        )?;
    }
    sync_folder_of(&database)
}

fn read_archive(archive: &Path, into: &Path) -> Result<Copied> {
    let broken = |error: io::Error| no_backup(archive, error.to_string());
    let file = at(archive, File::open(archive))?;
    at(into, create_private(&into.join(FILES_FOLDER)))?;
    let mut tar = Archive::new(BufReader::with_capacity(1 << 20, file));
    let (mut copied, mut has_manifest, mut has_database) = (Copied::default(), false, false);
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.into_owned();
        if entry.header().entry_type() != EntryType::Regular {
            return Err(no_backup(archive, "it has entries that are no files"));
        }
        match place_of(&name) {
            Some(Place::Manifest) => {
                check_manifest(archive, entry.take(MANIFEST_MAX_BYTES))?;
                has_manifest = true;
                continue;
            }
            Some(_) if !has_manifest => return Err(no_backup(archive, "it has no manifest")),
            Some(Place::Database) => has_database = true,
            Some(Place::File { is_original }) => copied.files += u64::from(is_original),
            None => return Err(no_backup(archive, "it has files that do not belong to it")),
        }
        let path = into.join(&name);
        if let Some(folder) = path.parent() {
            at(folder, create_private(folder))?;
        }
        let mut file = at(&path, private(&path))?;
        let size = entry.size();
        let written = io::copy(&mut entry, &mut file).map_err(broken)?;
        if written != size {
            return Err(no_backup(archive, "it ends too early"));
        }
        at(&path, file.sync_all())?;
    }
    match has_database {
        true => Ok(copied),
        false => Err(no_backup(archive, "it has no database")),
    }
}

fn check_manifest(archive: &Path, entry: impl Read) -> Result<()> {
    let manifest: Manifest = serde_json::from_reader(entry)
        .map_err(|error| no_backup(archive, format!("its manifest cannot be read: {error}")))?;
    match manifest.format {
        FORMAT => Ok(()),
        other => Err(no_backup(
            archive,
            format!("its format is {other}, and this program knows {FORMAT}: use a newer parlor"),
        )),
    }
}

fn no_backup(path: &Path, reason: impl Into<String>) -> BackupError {
    BackupError::NoBackup {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// What an entry of an archive is.
enum Place {
    Manifest,
    Database,
    File { is_original: bool },
}

/// `None` for every name that [`write_archive`] does not write, as one that leads out of the
/// folder.
fn place_of(name: &Path) -> Option<Place> {
    let parts: Option<Vec<&str>> = name
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    let is_key = |key: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !key.is_empty() && key.bytes().all(plain)
    };
    match parts?.as_slice() {
        [MANIFEST] => Some(Place::Manifest),
        [DATABASE] => Some(Place::Database),
        [FILES_FOLDER, key, variant] if is_key(key) => {
            let known = FileVariant::ALL
                .into_iter()
                .find(|it| it.as_str() == *variant);
            known.map(|variant| Place::File {
                is_original: variant == FileVariant::File,
            })
        }
        _ => None,
    }
}

/// A new file that only its owner can read.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The same for a folder, which may exist.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What was renamed in the folder is so after a power failure too.
fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    at(folder, File::open(folder).and_then(|it| it.sync_all()))
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => at(Path::new("."), Err(io::Error::other(error))),
    }
}
