//! 查账: reads the books of one node from the first journal to the last, without its help, and names the place of
//! everything that is wrong: the chain, the entries, the balances, and the roots that others hold of it.

use crate::chain::{Reader, Root};
use crate::doors::{NodeId, Store};
use crate::store::chain::{self, Page};

/// So many journals are read at once.
const PAGE: i64 = 2_000;

/// Reads the books of a node. `held` are the roots that anybody holds of its chain, with the holder; `progress` hears
/// how many journals have been read.
pub fn audit(
    store: &mut dyn Store,
    held: impl IntoIterator<Item = (NodeId, Root)>,
    mut progress: impl FnMut(u64),
) -> Reader {
    let mut reader = Reader::new(held);
    let (mut after, mut most) = (i64::MIN, PAGE);
    loop {
        match chain::page(store, after, most) {
            Ok(page) => {
                let read = i64::try_from(page.journals.len()).unwrap_or(i64::MAX);
                if let Some((last, _)) = page.journals.last() {
                    after = last.serial;
                }
                take(&mut reader, page);
                progress(reader.journals);
                if read < most {
                    break;
                }
                most = PAGE.min(most * 2);
            }
            // Something of this page cannot be read: closer, until it is known what.
            Err(_) if most > 1 => most /= 2,
            Err(error) => match chain::serial_after(store, after) {
                Ok(Some(serial)) if serial > after => {
                    reader.unreadable(serial, &error.to_string());
                    after = serial;
                }
                _ => {
                    reader.beyond(&error.to_string());
                    break;
                }
            },
        }
    }
    let head = chain::head(store).ok().flatten();
    let (balances, months) = chain::balances(store).unwrap_or_else(|error| {
        reader.other("balances", error.to_string());
        (Vec::new(), Vec::new())
    });
    reader.end(head, balances, months)
}

fn take(reader: &mut Reader, page: Page) {
    let mut strays = page.strays.into_iter().peekable();
    for (journal, digest) in &page.journals {
        while let Some(stray) = strays.next_if(|stray| *stray < journal.serial) {
            reader.stray(stray);
        }
        reader.take(journal, digest);
    }
    strays.for_each(|stray| reader.stray(stray));
}
