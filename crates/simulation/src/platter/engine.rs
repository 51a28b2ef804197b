//! The files of a platter, as the engine opens them: a virtual file system of SQLite, registered once a thread. A
//! database named `7:node.db` lies on the platter with the number 7 of this thread.

use super::{Medium, Platter};
use sqlite_vfs::wip::{WalIndex, WalIndexLock};
use sqlite_vfs::{DatabaseHandle, LockKind, OpenOptions, Vfs};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// The platters of a thread, by number.
type Shelf = Arc<Mutex<BTreeMap<u64, Weak<Mutex<Medium>>>>>;

thread_local! {
    /// The file system of this thread: its name, and its platters. One a thread, because the library's own record of
    /// a file system is not shared between threads.
    static FILE_SYSTEM: RefCell<Option<(String, Shelf)>> = const { RefCell::new(None) };
}

static FILE_SYSTEMS: AtomicU64 = AtomicU64::new(1);
static PLATTERS: AtomicU64 = AtomicU64::new(1);

/// Where a platter is mounted: valid as long as this value lives, and in the thread that made it.
#[derive(Debug)]
pub struct Mount {
    file_system: String,
    shelf: Shelf,
    number: u64,
}

impl Platter {
    /// Mounts it in this thread.
    ///
    /// # Panics
    /// Where the engine takes no further file system, which is out of memory.
    pub fn mount(&self) -> Mount {
        let number = PLATTERS.fetch_add(1, Ordering::Relaxed);
        FILE_SYSTEM.with_borrow_mut(|known| {
            let (file_system, shelf) = known.get_or_insert_with(|| {
                let name = format!("yidi-platters-{}", FILE_SYSTEMS.fetch_add(1, Ordering::Relaxed));
                let shelf = Shelf::default();
                let files = Files { shelf: shelf.clone() };
                sqlite_vfs::register(&name, files, false).expect("the engine takes another file system");
                (name, shelf)
            });
            shelf.lock().expect("a shelf").insert(number, Arc::downgrade(&self.medium));
            Mount { file_system: file_system.clone(), shelf: shelf.clone(), number }
        })
    }
}

impl Mount {
    /// What a file of this platter is called here.
    pub fn path(&self, file: &str) -> String {
        format!("{}:{file}", self.number)
    }

    /// The name of the file system.
    pub fn file_system(&self) -> &str {
        &self.file_system
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.shelf.lock().expect("a shelf").remove(&self.number);
    }
}

struct Files {
    shelf: Shelf,
}

impl Files {
    /// The platter and the file of a path.
    fn find(&self, path: &str) -> Result<(Platter, String)> {
        let (number, file) = path.split_once(':').ok_or(ErrorKind::NotFound)?;
        let number: u64 = number.parse().map_err(|_| ErrorKind::NotFound)?;
        let medium = self.shelf.lock().expect("a shelf").get(&number).and_then(Weak::upgrade);
        Ok((Platter { medium: medium.ok_or(ErrorKind::NotFound)? }, file.to_owned()))
    }
}

/// An open file: on a platter, or what the engine puts aside and nobody reads again.
struct Open {
    place: Place,
    lock: LockKind,
}

enum Place {
    On(Platter, String),
    Aside(Vec<u8>),
}

impl Vfs for Files {
    type Handle = Open;

    fn open(&self, path: &str, _options: OpenOptions) -> Result<Open> {
        let place = match self.find(path) {
            Ok((platter, file)) => {
                if platter.is_dead() {
                    return Err(Error::other("the power is gone"));
                }
                platter.medium().body(&file);
                Place::On(platter, file)
            }
            Err(_) => Place::Aside(Vec::new()),
        };
        Ok(Open { place, lock: LockKind::None })
    }

    fn delete(&self, path: &str) -> Result<()> {
        match self.find(path) {
            Ok((platter, file)) => platter.medium().delete(&file),
            Err(_) => Ok(()),
        }
    }

    fn exists(&self, path: &str) -> Result<bool> {
        let (platter, file) = self.find(path)?;
        let there = platter.medium().files.contains_key(&file);
        Ok(there)
    }

    fn temporary_name(&self) -> String {
        "aside".to_owned()
    }

    fn random(&self, buffer: &mut [i8]) {
        // The engine asks the file system of the machine, never this one.
        buffer.fill(0);
    }

    fn sleep(&self, duration: Duration) -> Duration {
        // One connection a platter: there is nobody to wait for.
        duration
    }
}

impl DatabaseHandle for Open {
    type WalIndex = Index;

    fn size(&self) -> Result<u64> {
        let length = match &self.place {
            Place::On(platter, file) => platter.medium().body(file).now.len(),
            Place::Aside(bytes) => bytes.len(),
        };
        Ok(length as u64)
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let offset = whole(offset)?;
        match &self.place {
            Place::On(platter, file) => {
                let mut medium = platter.medium();
                if medium.dead {
                    return Err(Error::other("the power is gone"));
                }
                read(&medium.body(file).now, buffer, offset)
            }
            Place::Aside(bytes) => read(bytes, buffer, offset),
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        let offset = whole(offset)?;
        match &mut self.place {
            Place::On(platter, file) => platter.medium().write(file, offset, bytes),
            Place::Aside(aside) => {
                aside.resize(aside.len().max(offset + bytes.len()), 0);
                aside[offset..offset + bytes.len()].copy_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        match &self.place {
            Place::On(platter, file) => platter.medium().flush(file),
            Place::Aside(_) => Ok(()),
        }
    }

    fn set_len(&mut self, size: u64) -> Result<()> {
        let length = whole(size)?;
        match &mut self.place {
            Place::On(platter, file) => platter.medium().set_length(file, length),
            Place::Aside(aside) => {
                aside.resize(length, 0);
                Ok(())
            }
        }
    }

    fn lock(&mut self, lock: LockKind) -> Result<bool> {
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> Result<bool> {
        Ok(matches!(self.lock, LockKind::Reserved | LockKind::Pending | LockKind::Exclusive))
    }

    fn current_lock(&self) -> Result<LockKind> {
        Ok(self.lock)
    }

    fn wal_index(&self, _readonly: bool) -> Result<Index> {
        Ok(Index)
    }
}

fn whole(place: u64) -> Result<usize> {
    usize::try_from(place).map_err(Error::other)
}

/// Reads what is there; beyond the end the buffer holds zeros, as the engine wants it.
fn read(bytes: &[u8], buffer: &mut [u8], offset: usize) -> Result<()> {
    let there = bytes.get(offset..).unwrap_or_default();
    let length = there.len().min(buffer.len());
    buffer[..length].copy_from_slice(&there[..length]);
    buffer[length..].fill(0);
    if length == buffer.len() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// The index of the write-ahead log: in memory, of one connection, and gone with it, as on a machine without power.
struct Index;

impl WalIndex for Index {
    fn map(&mut self, _region: u32) -> Result<[u8; 32768]> {
        Ok([0; 32768])
    }

    fn lock(&mut self, _locks: Range<u8>, _lock: WalIndexLock) -> Result<bool> {
        Ok(true)
    }

    fn delete(self) -> Result<()> {
        Ok(())
    }
}
