//! 国家平台: finds the insured place, checks that neither side is suspended, passes letters on, keeps its own
//! books between both. It knows no benefit rule and no name.

use crate::chain::{Digest, Root};
use crate::doors::{NodeId, Store, StoreError};
use crate::letters::{Ask, Content, Letter, RefusalSheet, Reply};
use crate::refusal::{Code, Refusal};
use crate::roots::{self, Kept};
use crate::store::{books, counter_next, mail, relay, roots as stored};
use insurance::calendar::{Instant, ServiceDate};
use insurance::identity::{BusinessKey, Province, Region, SettlementId};
use insurance::ledger::{self, Fund, Journal, JournalKind, Side};
use insurance::money::Fen;

/// How long letters may wait for a place until questions how something stands are refused (ms).
const PILE_MS: i64 = 10_000;

/// The office in the middle.
pub struct HubOffice {
    /// The provinces that are connected.
    pub members: Vec<Province>,
}

impl HubOffice {
    /// Takes one letter that has not been seen before, and puts what follows into the outbox.
    pub fn receive(&self, store: &mut dyn Store, now: Instant, letter: Letter) -> Result<(), StoreError> {
        if !letter.content.is_of(letter.from) {
            tracing::error!(
                letter = %letter.id, from = %letter.from,
                "代他人提问或作答的信件,未转送:请该节点查明来源 | a letter that asks or answers for somebody else is not \
                 passed on: its operators must find out where it comes from"
            );
            return Ok(());
        }
        match &letter.content {
            Content::Enrol(entries) => {
                for entry in entries {
                    relay::directory_add(store, entry)?;
                }
                Ok(())
            }
            Content::Roots(told) => self.keep_roots(store, now, letter.from, told),
            // These are acted on by the node, before any office, and by `reconciliation`.
            Content::Behind { .. } | Content::Again { .. } | Content::Compare(_) => Ok(()),
            Content::Ask { place, ask } => {
                let to = self.destination(store, now, letter.from, *place, ask)?;
                match to {
                    Ok(to) => {
                        let question = may_be_withdrawn(ask).then_some(letter.id.as_str());
                        self.pass_on(store, now, &letter, to, ask_word(ask), question)
                    }
                    Err(refusal) => self.refuse(store, now, &letter, *place, refusal),
                }
            }
            Content::Reply { to, reply, .. } => {
                self.book(store, now, reply)?;
                self.pass_on(store, now, &letter, *to, "reply", None)
            }
        }
    }

    /// Takes a letter that was here before this node was put back. Questions went their way then, or were answered: only
    /// what must arrive in any case is passed on once more. Replies are booked, and who has them knows them.
    pub fn receive_again(
        &self,
        store: &mut dyn Store,
        now: Instant,
        letter: Letter,
    ) -> Result<(), StoreError> {
        match &letter.content {
            Content::Ask { place, ask } if may_be_withdrawn(ask) => {
                let to = place.map_or(NodeId::Hub, |place| NodeId::Province(place.province()));
                relay::relayed_add(store, &letter.id, letter.from, to, ask_word(ask), now)
            }
            _ => self.receive(store, now, letter),
        }
    }

    /// A question could not be handed to its insured place: the asker is told, and nothing was booked.
    pub fn never_left(&self, store: &mut dyn Store, now: Instant, letter: &Letter) -> Result<(), StoreError> {
        let Content::Ask { place, ask } = &letter.content else { return Ok(()) };
        let place = match (place, ask.as_ref()) {
            (None, Ask::FindPerson(credential)) => self.insured_at(store, &credential.digests)?,
            (place, _) => *place,
        };
        let refusal = Refusal::new(Code::InsuredPlaceUnreachable).with_place("place", place);
        self.refuse(store, now, letter, place, refusal)
    }

    /// The days of the hub's own chain that are over: every member hears their roots.
    pub fn tick(&self, store: &mut dyn Store, now: Instant) -> Result<(), StoreError> {
        let closed = roots::close_days(store, now, NodeId::Hub)?;
        if closed.is_empty() {
            return Ok(());
        }
        for member in &self.members {
            send_roots(store, now, NodeId::Hub, NodeId::Province(*member), closed.clone())?;
        }
        Ok(())
    }

    /// Keeps what a member tells of its own chain and passes it to all. What comes back to the member itself confirms
    /// it, beside what was held of it before: a member whose books were rolled back hears it from its neighbours.
    fn keep_roots(
        &self,
        store: &mut dyn Store,
        now: Instant,
        from: NodeId,
        told: &[Root],
    ) -> Result<(), StoreError> {
        let (mut kept, mut back) = (Vec::new(), Vec::new());
        for root in told {
            if root.owner != from {
                tracing::error!(told_by = %from, root.owner = %root.owner, "a root of somebody else's chain: not kept");
                continue;
            }
            back.extend(stored::root_before(store, from, root.day)?);
            match roots::keep(store, now, from, root)? {
                Kept::Held => {
                    kept.push(root.clone());
                    back.push(root.clone());
                }
                Kept::Against(held) => back.extend(held),
            }
        }
        back.sort();
        back.dedup();
        for member in self.members.iter().copied().map(NodeId::Province) {
            let roots = if member == from { &back } else { &kept };
            if !roots.is_empty() {
                send_roots(store, now, NodeId::Hub, member, roots.clone())?;
            }
        }
        Ok(())
    }

    fn destination(
        &self,
        store: &mut dyn Store,
        now: Instant,
        from: NodeId,
        place: Option<Region>,
        ask: &Ask,
    ) -> Result<Result<NodeId, Refusal>, StoreError> {
        let place = match (place, ask) {
            (Some(place), _) => place,
            (None, Ask::FindPerson(credential)) => match self.insured_at(store, &credential.digests)? {
                Some(pool) => pool,
                None => {
                    return Ok(Err(Refusal::new(Code::PersonUnknown).with("field", &credential.field)));
                }
            },
            (None, _) => return Ok(Err(Refusal::new(Code::InsuredPlaceMissing))),
        };
        if !self.members.contains(&place.province()) {
            return Ok(Err(Refusal::new(Code::InsuredPlaceUnknown).with("found", place)));
        }
        // A suspension stops what is new; running stays, reversals and cancellations go on.
        if is_new_business(ask) {
            let mut sides = vec![place.province()];
            if let NodeId::Province(treatment) = from {
                sides.push(treatment);
            }
            for province in sides {
                if relay::suspension_stands(store, province)? {
                    return Ok(Err(
                        Refusal::new(Code::ProvinceSuspended).with_place("place", province.region())
                    ));
                }
            }
        }
        let to = NodeId::Province(place.province());
        // How something stands is asked again and again: it does not pile up before a place that takes no letters.
        if matches!(ask, Ask::Status(_))
            && mail::outbox_since(store, to)?.is_some_and(|since| now > since.plus_ms(PILE_MS))
        {
            return Ok(Err(Refusal::new(Code::InsuredPlaceUnreachable).with("place", place)));
        }
        Ok(Ok(to))
    }

    fn insured_at(&self, store: &mut dyn Store, digests: &[String]) -> Result<Option<Region>, StoreError> {
        for digest in digests {
            if let Some(pool) = relay::directory_find(store, digest)? {
                return Ok(Some(pool));
            }
        }
        Ok(None)
    }

    fn pass_on(
        &self,
        store: &mut dyn Store,
        now: Instant,
        letter: &Letter,
        to: NodeId,
        what: &str,
        question: Option<&str>,
    ) -> Result<(), StoreError> {
        relay::relayed_add(store, &letter.id, letter.from, to, what, now)?;
        mail::outbox_add(store, to, letter, question)
    }

    fn refuse(
        &self,
        store: &mut dyn Store,
        now: Instant,
        letter: &Letter,
        place: Option<Region>,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let reply = Letter {
            id: letter_id(store, NodeId::Hub)?,
            from: NodeId::Hub,
            written: now,
            content: Content::Reply {
                to: letter.from,
                question: letter.id.clone(),
                place,
                reply: Box::new(Reply::Refused(RefusalSheet::from(refusal))),
            },
        };
        mail::outbox_add(store, letter.from, &reply, None)
    }

    /// The hub's books follow what the insured place has booked.
    fn book(&self, store: &mut dyn Store, now: Instant, reply: &Reply) -> Result<(), StoreError> {
        let mut book = |kind, settlement: &SettlementId, funds: &[(Fund, Fen)], pool, treatment, day| {
            let journal = journal(kind, settlement, funds, pool, treatment, day, now);
            // The same answer may be given twice to two questions: a settlement stands or is taken back, never twice.
            let stands = matches!(
                books::last_kind(store, &journal.key)?.as_deref(),
                Some("settlement" | "reinstatement")
            );
            if stands == (kind == JournalKind::Reversal) {
                books::journal_add(store, &journal)?;
            }
            Ok(())
        };
        match reply {
            Reply::Settled(sheet) => match &sheet.settlement {
                Some(settlement) => book(
                    JournalKind::Settlement,
                    settlement,
                    &sheet.funds,
                    sheet.pool,
                    sheet.treatment,
                    sheet.day,
                ),
                None => Ok(()),
            },
            Reply::Reversed { settlement, funds, pool, treatment, day, .. }
            | Reply::Cancelled { settlement, funds, pool, treatment, day } => {
                book(JournalKind::Reversal, settlement, funds, *pool, *treatment, *day)
            }
            Reply::Reinstated { settlement, funds, pool, treatment, day, .. } => {
                book(JournalKind::Reinstatement, settlement, funds, *pool, *treatment, *day)
            }
            _ => Ok(()),
        }
    }
}

fn journal(
    kind: JournalKind,
    settlement: &SettlementId,
    funds: &[(Fund, Fen)],
    pool: Region,
    treatment: Province,
    day: ServiceDate,
    now: Instant,
) -> Journal {
    Journal {
        key: BusinessKey::new(settlement.as_str()).expect("a settlement number is a key"),
        kind,
        happened: day,
        learned: now,
        entries: ledger::entries(&Side::Hub { pool, treatment }, funds),
    }
}

/// The next number of a letter from this node.
pub(crate) fn letter_id(store: &mut dyn Store, from: NodeId) -> Result<String, StoreError> {
    Ok(format!("{from}-{}", counter_next(store, "letter")?))
}

/// Tells a neighbour of roots: it waits in the outbox until it has arrived.
pub(crate) fn send_roots(
    store: &mut dyn Store,
    now: Instant,
    from: NodeId,
    to: NodeId,
    roots: Vec<Root>,
) -> Result<(), StoreError> {
    // Known by what it says, not by a count: a node whose database was rolled back counts again from where it stood,
    // and its neighbours would take what it says now for what it said then.
    let says = roots.iter().fold(Digest::START, |says, root| {
        says.then(&format!("{} {} {} {}", root.owner, root.day, root.serial, root.digest))
    });
    let id = format!("{from}-roots-{says}");
    let letter = Letter { id, from, written: now, content: Content::Roots(roots) };
    mail::outbox_add(store, to, &letter, None)
}

/// What must arrive, however long it takes, is never withdrawn; everything else is refused where the insured place
/// cannot be reached.
fn may_be_withdrawn(ask: &Ask) -> bool {
    !matches!(ask, Ask::Cancel(_) | Ask::CloseStay(_) | Ask::ChangeStay { .. })
}

fn is_new_business(ask: &Ask) -> bool {
    matches!(ask, Ask::CheckEligibility(_) | Ask::OpenStay(_) | Ask::File(_))
}

/// What a question is, for the log of what passed through.
pub(crate) fn ask_word(ask: &Ask) -> &'static str {
    match ask {
        Ask::FindPerson(_) => "find_person",
        Ask::CheckEligibility(_) => "check_eligibility",
        Ask::OpenStay(_) => "open_stay",
        Ask::ChangeStay { .. } => "change_stay",
        Ask::CloseStay(_) => "close_stay",
        Ask::Quote(_) => "quote",
        Ask::Settle(_) => "settle",
        Ask::Reverse { .. } => "reverse",
        Ask::Reinstate { .. } => "reinstate",
        Ask::Cancel(_) => "cancel",
        Ask::Status(_) => "status",
        Ask::File(_) => "file",
        Ask::Accumulators { .. } => "accumulators",
        Ask::Chronic { .. } => "chronic",
    }
}
