//! 落后: a node that was put back to an earlier copy. On every batch a node tells the receiver how far it believes the
//! receiver has come with its letters, and how far itself has come with the receiver's. Both are said of the past and
//! so hold however late they arrive; a node that knows less than that of itself is behind. It says so, is told again
//! what its neighbours have kept, and takes nothing new until it has caught up.

use crate::doors::{NodeId, Store, StoreError};
use crate::hub::letter_id;
use crate::letters::{Batch, Content, Letter};
use crate::store::neighbours::{self, Aside, Behind, Side};
use crate::store::{counters_move_on, mail};
use insurance::calendar::Instant;

/// How many letters are told again in one.
const TOGETHER: i64 = 32;

/// Whether this node lacks letters of this neighbour; where it is found out now, the neighbour is asked for them.
pub fn notice(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    from: NodeId,
    batch: &Batch,
) -> Result<bool, StoreError> {
    if is_behind(store, Some(from))? {
        return Ok(true);
    }
    let standing = neighbours::neighbour_find(store, from)?;
    let (heard, written) = (standing.heard.unwrap_or(0), neighbours::outbox_last(store)?);
    if batch.after <= heard && batch.heard <= written {
        return Ok(false);
    }
    // The last letter that the neighbour is known here to have: whatever is newer may be unknown here.
    let since = neighbours::outbox_written_at(store, from, standing.delivered)?;
    let behind = Behind {
        peer: from,
        noticed: now,
        side: Side::Here,
        lost: (heard, batch.after.max(heard)),
        own: (written, batch.heard.max(written)),
        caught_up: None,
        complete: None,
    };
    neighbours::behind_add(store, &behind)?;
    // From here on no number is given twice, whoever made the copy.
    neighbours::outbox_counts_above(store, batch.heard)?;
    counters_move_on(store)?;
    neighbours::neighbour_heard(store, from, batch.after)?;
    alarm(here, &behind);
    let content = Content::Behind { heard, own: behind.own, since };
    let letter = Letter { id: letter_id(store, here)?, from: here, written: now, content };
    mail::outbox_add(store, from, &letter, None)?;
    Ok(true)
}

/// Whether this node is behind a neighbour, or behind any.
pub fn is_behind(store: &mut dyn Store, peer: Option<NodeId>) -> Result<bool, StoreError> {
    let open = neighbours::behind_open(store)?;
    Ok(open.iter().any(|behind| behind.side == Side::Here && peer.is_none_or(|peer| behind.peer == peer)))
}

/// A neighbour says that it is behind: it is told again what it had committed, after what it had written itself and was
/// passed on from here.
pub fn tell_again(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    from: NodeId,
    (heard, own, since): (i64, (i64, i64), Instant),
) -> Result<(), StoreError> {
    let standing = neighbours::neighbour_find(store, from)?;
    let lost = (heard, standing.delivered.max(heard));
    let behind =
        Behind { peer: from, noticed: now, side: Side::There, lost, own, caught_up: None, complete: None };
    neighbours::behind_add(store, &behind)?;
    alarm(here, &behind);
    let say = |store: &mut dyn Store, own: Vec<Letter>, letters: Vec<Letter>, ends: Option<bool>| {
        let content = Content::Again { own, letters, ends };
        let letter = Letter { id: letter_id(store, here)?, from: here, written: now, content };
        mail::outbox_add(store, from, &letter, None)
    };
    // Nothing that is said here is itself told again.
    let until = neighbours::outbox_last(store)?;
    if here == NodeId::Hub {
        let mut after = 0;
        loop {
            let found = neighbours::outbox_written_by(store, from, since, after, until, TOGETHER)?;
            let Some((last, _)) = found.last() else { break };
            after = *last;
            say(store, found.into_iter().map(|(_, letter)| letter).collect(), Vec::new(), None)?;
        }
    }
    let mut after = heard;
    loop {
        let found = neighbours::outbox_kept(store, from, after, lost.1, TOGETHER)?;
        let Some((last, _)) = found.last() else { break };
        after = *last;
        let letters = found.into_iter().map(|(_, letter)| letter);
        let letters = letters
            .filter(|letter| !matches!(letter.content, Content::Behind { .. } | Content::Again { .. }));
        say(store, Vec::new(), letters.collect(), None)?;
    }
    let complete = standing.pruned <= heard;
    say(store, Vec::new(), Vec::new(), Some(complete))?;
    neighbours::behind_end(store, from, Side::There, now, complete)
}

/// Keeps what this node had written itself, to be looked up when what it answered comes again.
pub fn keep_own(store: &mut dyn Store, here: NodeId, from: NodeId, own: &[Letter]) -> Result<(), StoreError> {
    for letter in own.iter().filter(|letter| letter.from == here) {
        let about = match &letter.content {
            Content::Reply { question, .. } => question,
            _ => &letter.id,
        };
        neighbours::aside_add(store, from, Aside::Own, about, letter)?;
    }
    Ok(())
}

/// The node has caught up with a neighbour.
pub fn caught_up(
    store: &mut dyn Store,
    now: Instant,
    here: NodeId,
    from: NodeId,
    complete: bool,
) -> Result<(), StoreError> {
    if !complete {
        let words = format!(
            "节点{from}已不再保留缺失的最早信件:请用双方备份核对账目 | node {from} no longer keeps the first of the \
             missing letters: compare the books of both sides with their backups"
        );
        neighbours::lost_add(store, from, &words)?;
    }
    neighbours::behind_end(store, from, Side::Here, now, complete)?;
    let all = neighbours::behind_all(store)?;
    let lost = match all.iter().rev().find(|behind| behind.peer == from && behind.side == Side::Here) {
        Some(behind) => neighbours::lost_of(store, behind)?.len(),
        None => 0,
    };
    tracing::error!(
        node = %here, neighbour = %from, complete, cannot_be_got_back = lost,
        "已补齐对方保留的信件;无法找回的见yidi check behind | caught up with what the neighbour has kept; what cannot be \
         got back from letters: yidi check behind"
    );
    Ok(())
}

fn alarm(here: NodeId, behind: &Behind) {
    let Behind { peer, lost, own, .. } = behind;
    match behind.side {
        Side::Here => tracing::error!(
            node = %here, neighbour = %peer, lost_after = lost.0, lost_until = lost.1, own_after = own.0,
            own_until = own.1,
            "本节点落后于节点{peer}(数据库退回到较早的备份,或重新建立):正在补收信件,补齐前不受理新业务。本节点管理员须查明\
             原因,补齐后执行yidi check behind和yidi check store | this node is behind node {peer}: its database was put \
             back to an earlier copy, or begun anew. Letters are told again; no new business until that is done. The \
             operators of this node must act: find out why, then run yidi check behind and yidi check store"
        ),
        Side::There => tracing::error!(
            node = %here, neighbour = %peer, lost_after = lost.0, lost_until = lost.1, own_after = own.0,
            own_until = own.1,
            "节点{peer}落后(数据库退回到较早的备份,或重新建立),正在重发其缺失的信件。请通知该节点管理员 | node {peer} is behind: \
             its database was put back to an earlier copy, or begun anew, and it is told again what it lacks. The \
             operators of that node must act: call them"
        ),
    }
}
