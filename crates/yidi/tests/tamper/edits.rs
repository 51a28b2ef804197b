//! The edits: what somebody with a database tool could do to the books of one node, and what must be named then.

use super::country::{A_DAY, Country, NODES};
use super::shelf::Shelf;
use platform::chain::{Chained, Digest};
use platform::doors::{Cell, Store};
use platform::store::{books, chain};
use simulation::seed::Seed;

/// What must be named.
#[derive(Debug)]
pub enum Named {
    /// The first fault of this node is at this journal.
    Journal(&'static str, i64),
    /// The first fault of this node is a stretch of journals with this one in it.
    Between(&'static str, i64),
    /// A fault of this node has these words as its place.
    Place(&'static str, String),
}

pub type Edit = fn(&Country, &Shelf, &mut Seed) -> Named;

/// The books of one node, drawn, with a journal that is neither the first nor the last.
struct Books {
    node: &'static str,
    store: Box<dyn Store>,
    last: i64,
    at: i64,
}

fn draw(shelf: &Shelf, seed: &mut Seed) -> Books {
    let node = *seed.one_of(&NODES);
    let mut store = shelf.open(node);
    let (last, _) = chain::head(store.as_mut()).expect("read").expect("a head");
    Books { node, store, last, at: seed.between(2, last - 1) }
}

impl Books {
    fn change(&mut self, sql: &'static str, values: &[Cell]) {
        let changed = self.store.execute(sql, values).expect("changed");
        assert!(changed > 0, "{sql} {values:?} changes something");
    }

    fn at(&self) -> Named {
        Named::Journal(self.node, self.at)
    }

    /// Balances that fit the entries, as somebody careful would leave them.
    fn careful(&mut self) {
        books::balances_rebuild(self.store.as_mut()).expect("rebuilt");
    }

    /// Everything behind a journal is gone.
    fn cut(&mut self, last: i64) {
        self.change("delete from entry where journal > $1", &[last.into()]);
        self.change("delete from journal where serial > $1", &[last.into()]);
    }

    /// Every value from a journal on is forged anew, the head and the node's own roots with it.
    fn forge(&mut self, from: i64) {
        let mut digest = match from {
            1 => Digest::START,
            _ => {
                let value = chain::digest_of(self.store.as_mut(), from - 1).expect("read").expect("there");
                value.parse().expect("a digest")
            }
        };
        let page = chain::page(self.store.as_mut(), from - 1, i64::from(u16::MAX)).expect("read");
        for (journal, _) in page.journals {
            digest = digest.then(&journal.text());
            let value = Cell::from(digest.to_string());
            self.change("update journal set digest = $1 where serial = $2", &[value, journal.serial.into()]);
            self.change(
                "update chain_head set serial = $1, digest = $2",
                &[journal.serial.into(), digest.to_string().into()],
            );
        }
        let own = Cell::from(self.node);
        self.change(
            "update root set digest = (select digest from journal where journal.serial = root.serial) \
             where owner = $1 and serial in (select serial from journal)",
            &[own],
        );
    }

    /// An account of this journal.
    fn account(&mut self) -> String {
        let page = chain::page(self.store.as_mut(), self.at - 1, 1).expect("read");
        page.journals[0].0.entries[0].1.clone()
    }
}

/// All of them, each with what it does.
pub const EDITS: &[(&str, Edit)] = &[
    ("an amount is changed", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let by = seed.between(1, 9_999);
        books.change(
            "update entry set amount_fen = amount_fen + $1 where journal = $2 and line = 1",
            &[by.into(), books.at.into()],
        );
        books.at()
    }),
    ("a pair of amounts is changed and the balances with it", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let by = seed.between(1, 9_999);
        books.change(
            "update entry set amount_fen = amount_fen + $1 * (1 - 2 * line) where journal = $2 and line < 2",
            &[by.into(), books.at.into()],
        );
        books.careful();
        books.at()
    }),
    ("an entry moves to another account", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change(
            "update entry set account = 'owed_to_institution/H00000000000' where journal = $1 and line = 1",
            &[books.at.into()],
        );
        books.careful();
        books.at()
    }),
    ("another act is named", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update journal set business_key = 'S999999' where serial = $1", &[books.at.into()]);
        books.at()
    }),
    ("another kind is named", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update journal set kind = 'reinstatement' where serial = $1", &[books.at.into()]);
        books.at()
    }),
    ("the day of the act moves to another month", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update journal set happened = '2026-04-30' where serial = $1", &[books.at.into()]);
        books.careful();
        books.at()
    }),
    ("the instant of learning moves", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let by = seed.between(1, 86_400_000);
        books.change(
            "update journal set learned_at = learned_at - $1 where serial = $2",
            &[by.into(), books.at.into()],
        );
        books.at()
    }),
    ("a value of the chain is changed", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let other = Digest::START.then("another").to_string();
        books.change("update journal set digest = $1 where serial = $2", &[other.into(), books.at.into()]);
        books.at()
    }),
    ("a value of the chain is written in capitals", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update journal set digest = upper(digest) where serial = $1", &[books.at.into()]);
        books.at()
    }),
    ("an amount becomes a word", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change(
            "update entry set amount_fen = 'much' where journal = $1 and line = 0",
            &[books.at.into()],
        );
        books.at()
    }),
    ("an amount becomes a fraction", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update entry set amount_fen = 0.5 where journal = $1 and line = 0", &[books.at.into()]);
        books.at()
    }),
    ("an amount is as large as a number can be", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change(
            "update entry set amount_fen = $1 where journal = $2 and line = 0",
            &[i64::MAX.into(), books.at.into()],
        );
        books.at()
    }),
    ("a journal is deleted with its entries", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("delete from entry where journal = $1", &[books.at.into()]);
        books.change("delete from journal where serial = $1", &[books.at.into()]);
        books.careful();
        books.at()
    }),
    ("a journal is deleted and its entries stay", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("delete from journal where serial = $1", &[books.at.into()]);
        books.at()
    }),
    ("an entry is deleted", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("delete from entry where journal = $1 and line = 1", &[books.at.into()]);
        books.at()
    }),
    ("every entry of a journal is deleted", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("delete from entry where journal = $1", &[books.at.into()]);
        books.careful();
        books.at()
    }),
    ("a pair of entries is added to a journal", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change(
            "insert into entry (journal, line, account, amount_fen) \
             values ($1, 90, 'fund_expense/220100/310100', 500), ($1, 91, 'owed_to_province/31/310100', -500)",
            &[books.at.into()],
        );
        books.careful();
        books.at()
    }),
    ("entries of a journal that never was are added", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let nowhere = books.last + seed.between(1, 1_000);
        books.change(
            "insert into entry (journal, line, account, amount_fen) values ($1, 0, 'a', 500), ($1, 1, 'b', -500)",
            &[nowhere.into()],
        );
        books.careful();
        Named::Journal(books.node, nowhere)
    }),
    ("a journal is added behind the last", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let serial = books.last + 1;
        added(&mut books, serial, false);
        Named::Journal(books.node, serial)
    }),
    ("a journal is added behind the last, with the right value", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let serial = books.last + 1;
        added(&mut books, serial, true);
        Named::Journal(books.node, serial)
    }),
    ("a journal is added before the first", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let serial = -seed.between(0, 9);
        added(&mut books, serial, false);
        Named::Journal(books.node, serial)
    }),
    ("two journals change places", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let other = if books.at == 2 { 3 } else { seed.between(1, books.at - 1) };
        for (from, to) in [(books.at, -1), (other, books.at), (-1, other)] {
            books.change("update journal set serial = $1 where serial = $2", &[to.into(), from.into()]);
            books.change("update entry set journal = $1 where journal = $2", &[to.into(), from.into()]);
        }
        books.careful();
        Named::Journal(books.node, books.at.min(other))
    }),
    ("two journals change their acts", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let (at, other) = (books.at, books.at + 1);
        let key = |books: &mut Books, serial: i64| {
            chain::page(books.store.as_mut(), serial - 1, 1).expect("read").journals[0].0.key.clone()
        };
        let (one, two) = (key(&mut books, at), key(&mut books, other));
        let sql = "update journal set business_key = $1 where serial = $2";
        books.change(sql, &[two.into(), books.at.into()]);
        books.change(sql, &[one.into(), other.into()]);
        books.at()
    }),
    ("two entries of a journal change places", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        for (from, to) in [(0_i64, 9_i64), (1, 0), (9, 1)] {
            books.change(
                "update entry set line = $1 where journal = $2 and line = $3",
                &[to.into(), books.at.into(), from.into()],
            );
        }
        books.at()
    }),
    ("a journal gets another number", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("update journal set serial = 1000000 where serial = $1", &[books.at.into()]);
        books.change("update entry set journal = 1000000 where journal = $1", &[books.at.into()]);
        books.at()
    }),
    ("the tail is cut", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let at = books.at;
        books.cut(at);
        Named::Journal(books.node, at + 1)
    }),
    ("the tail is cut, and head, balances and own roots are made to fit", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let at = books.at;
        books.cut(at);
        books.change(
            "update chain_head set serial = $1, digest = (select digest from journal where serial = $1)",
            &[at.into()],
        );
        books.careful();
        books.change("delete from root where owner = $1 and serial > $2", &[books.node.into(), at.into()]);
        Named::Journal(books.node, at + 1)
    }),
    ("the whole database is put back to yesterday", |country, shelf, seed| {
        let node = *seed.one_of(&NODES);
        shelf.put_back(country.yesterday(), node);
        let (last, _) = chain::head(shelf.open(node).as_mut()).expect("read").expect("a head");
        assert_eq!(last % A_DAY, 0, "yesterday ended with a whole day");
        Named::Journal(node, last + 1)
    }),
    ("a journal is changed and every value behind it is forged", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let (at, by) = (books.at, seed.between(1, 9_999));
        books.change(
            "update entry set amount_fen = amount_fen + $1 * (1 - 2 * line) where journal = $2 and line < 2",
            &[by.into(), at.into()],
        );
        books.careful();
        books.forge(at);
        Named::Between(books.node, at)
    }),
    ("a journal is taken out and every value behind it is forged", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let at = books.at;
        books.change("delete from entry where journal = $1", &[at.into()]);
        books.change("delete from journal where serial = $1", &[at.into()]);
        for serial in at + 1..=books.last {
            let (to, from) = (Cell::from(serial - 1), Cell::from(serial));
            books.change("update journal set serial = $1 where serial = $2", &[to.clone(), from.clone()]);
            books.change("update entry set journal = $1 where journal = $2", &[to, from]);
        }
        books.careful();
        books.forge(at);
        Named::Between(books.node, at)
    }),
    ("a balance is changed", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let account = books.account();
        books.change(
            "update balance set amount_fen = amount_fen - 1 where account = $1",
            &[account.as_str().into()],
        );
        Named::Place(books.node, format!("balance of {account}"))
    }),
    ("a balance of a month is changed", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let account = books.account();
        let month = seed.one_of(&["2026-05", "2026-06"]);
        books.change(
            "update month_balance set amount_fen = amount_fen + 1 where account = $1 and month = $2",
            &[account.as_str().into(), (*month).into()],
        );
        Named::Place(books.node, format!("balance of {account} in {month}"))
    }),
    ("a balance is deleted", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let account = books.account();
        books.change("delete from balance where account = $1", &[account.as_str().into()]);
        Named::Place(books.node, format!("balance of {account}"))
    }),
    ("a balance is added", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("insert into balance (account, amount_fen) values ('owed_to_me', -100)", &[]);
        Named::Place(books.node, "balance of owed_to_me".into())
    }),
    ("the head gets another value", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let other = Digest::START.then("another").to_string();
        books.change("update chain_head set digest = $1", &[other.into()]);
        Named::Place(books.node, "head of the chain".into())
    }),
    ("the head goes back", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let at = books.at;
        books.change("update chain_head set serial = $1", &[at.into()]);
        Named::Journal(books.node, at + 1)
    }),
    ("the head is deleted", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        books.change("delete from chain_head", &[]);
        Named::Place(books.node, "head of the chain".into())
    }),
    ("a root that a node holds of another is changed", |_, shelf, seed| {
        let mut books = draw(shelf, seed);
        let owner =
            *seed.one_of(&NODES.iter().copied().filter(|node| *node != books.node).collect::<Vec<_>>());
        let other = Digest::START.then("another").to_string();
        books.change(
            "update root set digest = $1 where owner = $2 and day = '2026-05-30'",
            &[other.into(), owner.into()],
        );
        Named::Place(owner, format!("root of {owner} for 2026-05-30"))
    }),
];

fn added(books: &mut Books, serial: i64, fitting: bool) {
    let journal = Chained {
        serial,
        key: "S888888".into(),
        kind: "settlement".into(),
        happened: "2026-06-02".into(),
        learned: 1_780_400_000_000,
        entries: vec![
            (0, "fund_expense/220100/310100".into(), 500),
            (1, "owed_to_province/31/310100".into(), -500),
        ],
    };
    let previous = match chain::head(books.store.as_mut()).expect("read") {
        Some((_, value)) if fitting => value.parse().expect("a digest"),
        _ => Digest::START,
    };
    books.change(
        "insert into journal (serial, business_key, kind, happened, learned_at, digest) \
         values ($1, $2, $3, $4, $5, $6)",
        &[
            serial.into(),
            journal.key.as_str().into(),
            journal.kind.as_str().into(),
            journal.happened.as_str().into(),
            journal.learned.into(),
            previous.then(&journal.text()).to_string().into(),
        ],
    );
    for (line, account, amount) in &journal.entries {
        books.change(
            "insert into entry (journal, line, account, amount_fen) values ($1, $2, $3, $4)",
            &[serial.into(), (*line).into(), account.as_str().into(), (*amount).into()],
        );
    }
    books.careful();
}
