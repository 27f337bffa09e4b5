//! Uploaded files: receives, inspects, stores and serves their bytes. It knows
//! bytes and types. Who owns a file and who sees it is up to the use cases.
//!
//! What must stay true: a file never has more bytes than its deployment allows,
//! whatever the request claims; its type comes from its bytes; an upload that
//! breaks off leaves nothing behind.

mod name;
mod sniff;
mod thumbnail;

use std::{error::Error, fs, io, io::ErrorKind, path::Path as FsPath, sync::Arc, time::Duration};

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart, local::LocalFileSystem,
    memory::InMemory, path::Path,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::store::{
    StoreError,
    row::{FilePolicy, ImageInfo},
};
use sniff::Sniffer;
use thumbnail::Thumbnails;

pub(crate) use name::sanitize;
pub(crate) use thumbnail::is_raster;

/// The upper limit for every deployment: a request's time and a disk are
/// finite.
pub const FILE_MAX_BYTES: u64 = 100 * 1024 * 1024;

/// The size of one write. Each running upload holds a few of them in memory.
const PART_BYTES: usize = 512 * 1024;

/// Parts that wait to be written while more is received.
const PARTS_IN_FLIGHT: usize = 2;

/// How much of a running upload is in memory at most: the parts that wait to be
/// written, and the one that is received.
pub(crate) const UPLOAD_MEMORY_BYTES: usize = PART_BYTES * (PARTS_IN_FLIGHT + 1);

/// How long a sender may pause in the middle of a file.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long an upload may take: that of the largest file at half a megabit per
/// second.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Images decoded at the same time: each may take `thumbnail::ALLOC_MAX_BYTES`.
const CONCURRENT_DECODES: usize = 1;

/// Larger images get no thumbnails, because decoding needs them in memory.
const IMAGE_MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The folder of uploads that are not complete. It is emptied at start.
const INCOMING: &str = "incoming";

/// The objects that are stored under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileVariant {
    File,
    Thumbnail,
    Thumbnail2x,
}

impl FileVariant {
    pub(crate) const ALL: [Self; 3] = [Self::File, Self::Thumbnail, Self::Thumbnail2x];

    /// The name in URLs and in the file storage.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Thumbnail => "thumbnail",
            Self::Thumbnail2x => "thumbnail2x",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|variant| variant.as_str() == word)
    }
}

/// Why a file was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("the body ends too early")]
    Broken,
    #[error("the file is empty")]
    Empty,
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// Safe to show: the type is one we detected, not what the sender wrote.
    #[error("files of type {0} are not taken here")]
    Type(String),
    /// It starts like an image and cannot be decoded.
    #[error("the file says that it is of type {0}, and cannot be read as such")]
    Unreadable(String),
    #[error("{}", cause(.0))]
    Store(#[from] object_store::Error),
}

impl FileError {
    /// For faults of the storage, which no sender causes.
    pub(crate) fn into_store_error(self) -> StoreError {
        let kind = match &self {
            Self::Store(error) => io_error(error).map(io::Error::kind),
            _ => None,
        };
        let reason = self.to_string();
        match kind {
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
                StoreError::Full(reason)
            }
            Some(ErrorKind::ReadOnlyFilesystem) => StoreError::ReadOnly(reason),
            _ => StoreError::Files(reason),
        }
    }
}

/// The operating system's reason. The storage's own messages contain keys,
/// which give access to files.
fn cause(error: &object_store::Error) -> String {
    match io_error(error) {
        Some(error) => error.to_string(),
        None => "it gave no reason that can be told".to_owned(),
    }
}

fn io_error(error: &object_store::Error) -> Option<&io::Error> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        next = error.source();
    }
    None
}

/// The file storage. Clones share it.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    decoding: Arc<Semaphore>,
}

impl Files {
    fn with_store(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            decoding: Arc::new(Semaphore::new(CONCURRENT_DECODES)),
        }
    }

    /// In memory, for simulations and tests.
    pub fn memory() -> Self {
        Self::with_store(Arc::new(InMemory::new()))
    }

    /// In a folder, which is created if it is missing and only its owner can
    /// read.
    ///
    /// # Errors
    /// When the folder cannot be created or used.
    pub fn folder(folder: &FsPath) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        // Left over from a process that was killed during uploads.
        match fs::remove_dir_all(folder.join(INCOMING)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(io::Error::other)?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Ok(Self::with_store(Arc::new(store)))
    }

    /// Receives a file as far as `policy` allows, and inspects it. It is
    /// deleted unless it is stored afterwards.
    ///
    /// # Errors
    /// [`FileError`] for a file that is refused, and when the storage fails.
    pub(crate) async fn receive<E>(
        &self,
        key: &str,
        policy: &FilePolicy,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<ReceivedFile, FileError> {
        let incoming = TemporaryObject {
            files: self.clone(),
            path: Path::from_iter([INCOMING, key]),
            moved: false,
        };
        let upload = self.store.put_multipart(&incoming.path).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut sniffer = Sniffer::default();
        let latest = Instant::now() + UPLOAD_TIMEOUT;
        let checked = loop {
            let until = latest.min(Instant::now() + IDLE_TIMEOUT);
            let Ok(next) = timeout_at(until, bytes.next()).await else {
                break Err(FileError::Broken);
            };
            let chunk = match next {
                None => break check_type(&sniffer, policy),
                Some(Ok(chunk)) => chunk,
                Some(Err(_)) => break Err(FileError::Broken),
            };
            sniffer.push(&chunk);
            if sniffer.size() > policy.max_bytes.min(FILE_MAX_BYTES) {
                break Err(FileError::TooLarge(policy.max_bytes));
            }
            upload.wait_for_capacity(PARTS_IN_FLIGHT).await?;
            upload.put(chunk);
        };
        let content_type = match checked {
            Ok(content_type) => content_type,
            Err(error) => {
                upload.abort().await?;
                return Err(error);
            }
        };
        upload.finish().await?;
        let size = sniffer.size();
        let thumbnails = match is_raster(&content_type) && size <= IMAGE_MAX_BYTES {
            true => self.thumbnails(&incoming.path, &content_type).await?,
            false => None,
        };
        Ok(ReceivedFile {
            incoming,
            size,
            content_type,
            thumbnails,
        })
    }

    async fn thumbnails(
        &self,
        path: &Path,
        content_type: &str,
    ) -> Result<Option<Thumbnails>, FileError> {
        let unreadable = || FileError::Unreadable(content_type.to_owned());
        let _permit = self.decoding.acquire().await.map_err(|_| unreadable())?;
        let bytes = self.store.get(path).await?.bytes().await?;
        let kind = content_type.to_owned();
        // A file on which a decoder panics is a file that cannot be decoded.
        tokio::task::spawn_blocking(move || thumbnail::make(&bytes, &kind))
            .await
            .map_err(|_| unreadable())?
            .map_err(|thumbnail::Unreadable| unreadable())
    }

    /// The size and bytes of a stored object; `None` when it does not exist.
    pub(crate) async fn read(
        &self,
        key: &str,
        variant: FileVariant,
    ) -> Result<Option<(u64, BoxStream<'static, object_store::Result<Bytes>>)>, FileError> {
        match self.store.get(&object_path(key, variant)).await {
            Ok(found) => Ok(Some((found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes everything under a key; what does not exist is not an error.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), FileError> {
        for variant in FileVariant::ALL {
            match self.store.delete(&object_path(key, variant)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The names of all objects, for tests.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn names(&self) -> Result<Vec<String>, object_store::Error> {
        let mut listed = self.store.list(None);
        let mut names = Vec::new();
        while let Some(object) = listed.next().await {
            names.push(object?.location.to_string());
        }
        names.sort();
        Ok(names)
    }
}

fn check_type(sniffer: &Sniffer, policy: &FilePolicy) -> Result<String, FileError> {
    if sniffer.size() == 0 {
        return Err(FileError::Empty);
    }
    let content_type = sniffer.content_type();
    match policy.types.contains(&content_type) {
        true => Ok(content_type),
        false => Err(FileError::Type(content_type)),
    }
}

fn object_path(key: &str, variant: FileVariant) -> Path {
    Path::from_iter([key, variant.as_str()])
}

/// A file that was received completely and is not stored yet. Dropping it
/// deletes it.
#[derive(Debug)]
pub(crate) struct ReceivedFile {
    incoming: TemporaryObject,
    pub(crate) size: u64,
    pub(crate) content_type: String,
    thumbnails: Option<Thumbnails>,
}

impl ReceivedFile {
    pub(crate) fn image_info(&self) -> Option<ImageInfo> {
        let thumbnails = self.thumbnails.as_ref()?;
        Some(ImageInfo {
            width: thumbnails.width.into(),
            height: thumbnails.height.into(),
            thumbnail_type: thumbnails.content_type.to_owned(),
        })
    }

    /// Stores it under its key.
    pub(crate) async fn store(mut self, key: &str) -> Result<(), FileError> {
        let store = &self.incoming.files.store;
        if let Some(thumbnails) = self.thumbnails.take() {
            for (variant, bytes) in [
                (FileVariant::Thumbnail, thumbnails.small),
                (FileVariant::Thumbnail2x, thumbnails.large),
            ] {
                store
                    .put(&object_path(key, variant), PutPayload::from(bytes))
                    .await?;
            }
        }
        store
            .rename(&self.incoming.path, &object_path(key, FileVariant::File))
            .await?;
        self.incoming.moved = true;
        Ok(())
    }
}

/// An object that is deleted when this is dropped, unless it was moved.
#[derive(Debug)]
struct TemporaryObject {
    files: Files,
    path: Path,
    moved: bool,
}

impl Drop for TemporaryObject {
    fn drop(&mut self) {
        if self.moved {
            return;
        }
        let (store, path) = (self.files.store.clone(), self.path.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // A missing object was never written, or is deleted already.
                let _ = store.delete(&path).await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, fs, path::Path as FsPath};

    use futures_util::stream;

    use super::*;

    /// What is deleted meanwhile, by the task that cleans up, is left out.
    fn in_folder(folder: &FsPath) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).into_iter().flatten().flatten() {
                match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    true => folders.push(entry.path()),
                    false => names.push(entry.file_name().into_string().unwrap()),
                }
            }
        }
        names.sort();
        names
    }

    /// Waits until dropped objects are deleted, which happens in another task.
    async fn emptied(folder: &FsPath) {
        while !in_folder(folder).is_empty() {
            tokio::task::yield_now().await;
        }
    }

    fn chunks(chunk: &'static [u8], n: usize) -> Vec<Result<Bytes, &'static str>> {
        vec![Ok(Bytes::from_static(chunk)); n]
    }

    #[tokio::test]
    async fn a_file_is_kept_whole_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let policy = FilePolicy::default();
        // More than one part.
        let mut sent = chunks(&[b'x'; 100_000], 15);
        sent.extend(chunks(b"end", 1));
        let received = files.receive("k", &policy, stream::iter(sent)).await;
        let received = received.unwrap();
        assert_eq!(received.size, 1_500_003);
        received.store("k").await.unwrap();
        assert_eq!(in_folder(folder.path()), ["file"]);
        let (size, bytes) = files.read("k", FileVariant::File).await.unwrap().unwrap();
        let bytes: Vec<Bytes> = bytes.map(Result::unwrap).collect().await;
        assert_eq!(size, 1_500_003);
        assert!(bytes.concat().ends_with(b"xend"));
        assert!(
            files
                .read("k", FileVariant::Thumbnail)
                .await
                .unwrap()
                .is_none()
        );
        files.delete("k").await.unwrap();
        files.delete("k").await.unwrap();
        assert!(in_folder(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn an_interrupted_upload_leaves_nothing_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let policy = FilePolicy {
            max_bytes: 1_000_000,
            ..FilePolicy::default()
        };
        let mut broken = chunks(&[b'x'; 100_000], 8);
        broken.push(Err("the line is gone"));
        for (sent, words) in [
            (broken, "too early"),
            (chunks(&[b'x'; 100_000], 11), "more than 1000000 bytes"),
            (chunks(&[0; 100_000], 8), "application/octet-stream"),
            (chunks(b"", 1), "empty"),
        ] {
            let refused = files.receive("k", &policy, stream::iter(sent)).await;
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
            emptied(folder.path()).await;
        }

        // The client disconnects while the upload waits.
        let silent = stream::iter(chunks(&[b'x'; 100_000], 8)).chain(stream::pending());
        let mut receiving = Box::pin(files.receive("k", &policy, silent));
        while in_folder(folder.path()).is_empty() {
            assert!(futures_util::poll!(&mut receiving).is_pending());
            tokio::task::yield_now().await;
        }
        drop(receiving);
        emptied(folder.path()).await;

        // Received completely, and not stored.
        let sent = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"x"))]);
        let received = files.receive("k", &policy, sent).await.unwrap();
        assert_eq!(in_folder(folder.path()), ["k"]);
        drop(received);
        emptied(folder.path()).await;
    }

    #[tokio::test]
    async fn incomplete_uploads_are_deleted_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(INCOMING).join("k#1");
        fs::create_dir_all(left.parent().unwrap()).unwrap();
        fs::write(&left, "half").unwrap();
        let kept = folder.path().join("other");
        fs::create_dir_all(&kept).unwrap();
        fs::write(kept.join("file"), "whole").unwrap();
        Files::folder(folder.path()).unwrap();
        assert_eq!(in_folder(folder.path()), ["file"]);
    }

    #[test]
    fn a_storage_error_does_not_contain_the_key() {
        let error = object_store::Error::NotFound {
            path: "secret-key/file".to_owned(),
            source: Box::new(io::Error::from(io::ErrorKind::NotFound)),
        };
        let told = FileError::Store(error).to_string();
        assert!(!told.contains("secret"), "{told}");
    }
}
