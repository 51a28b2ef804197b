//! 数据目录: one folder, one process. The lock is the operating system's, so that a process that was killed leaves
//! none behind.

use anyhow::{Context, bail, ensure};
use platform::doors::NodeId;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The file that is locked while a process works on the folder. It may stay; it may be deleted when nothing runs.
pub const LOCK_FILE: &str = "yidi.lock";

/// A data folder that belongs to this process as long as this value lives.
#[derive(Debug)]
pub struct DataFolder {
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is not there, and takes it. Nothing in it is touched before it is taken.
    pub fn take(folder: &Path) -> anyhow::Result<DataFolder> {
        let shown = folder.display();
        std::fs::create_dir_all(folder).with_context(|| {
            format!("failed to make the data folder {shown}: is it a file, or in a folder that is read-only?")
        })?;
        DataFolder::lock(folder)
    }

    /// Takes a folder that is there already.
    pub fn lock(folder: &Path) -> anyhow::Result<DataFolder> {
        let shown = folder.display();
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(LOCK_FILE))
            .with_context(|| {
            format!("failed to write in the data folder {shown}: who runs yidi must own it")
        })?;
        match lock.try_lock() {
            Ok(()) => Ok(DataFolder { _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "failed to take the data folder {shown}: another yidi works on it; stop that one, or choose another folder"
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| {
                format!(
                    "failed to lock {LOCK_FILE} in the data folder {shown}: choose a folder on a local disk"
                )
            }),
        }
    }
}

/// The nodes that have a database file in a folder, and where it is.
pub fn databases(folder: &Path) -> anyhow::Result<Vec<(NodeId, PathBuf)>> {
    let shown = folder.display();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("failed to read the data folder {shown}"))?;
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.with_context(|| format!("failed to read the data folder {shown}"))?.path();
        let node = file.file_name().and_then(|name| name.to_str()?.strip_suffix(".db"));
        if let Some(Ok(node)) = node.map(|name| NodeId::try_from(name.to_owned())) {
            found.push((node, file));
        }
    }
    ensure!(
        !found.is_empty(),
        "failed to find a database in {shown}: a node has hub.db or 22.db there, unless it is on PostgreSQL"
    );
    found.sort();
    Ok(found)
}
