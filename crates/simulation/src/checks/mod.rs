//! The invariants: one a file. Some hold at every moment, the others when all is healed and quiet. Each gives a
//! sentence for everything that is broken.

mod view;

/// A settlement is booked once.
mod settled_once;
/// Books sum to zero, and balances to their entries.
mod books;
/// Every chain verifies, and every root that is held is a value of its owner's chain.
mod chain;
/// Accumulators are the sum of the settlements that stand.
mod accumulators;
/// Accounts hold what they held, less what standing settlements took.
mod accounts;
/// A stay, or a batch of a visit, is paid once.
mod paid_once;
/// What was answered is there, and what was refused or undone is not.
mod answered;
/// Treatment place and insured place tell the same end, with the same amounts.
mod both_sides;
/// What one side is to pay the other is to receive: for every pool, province and fund, on three sides.
mod payable;
/// A settlement stands with the same amount in the books of its three offices.
mod three_sides;
/// The amounts that a counter was told are the amounts that stand, fen by fen.
mod told;
/// States move only along the table, and every move is written down.
mod along_the_table;
/// Whatever is open has a clock.
mod clocks;
/// Every key has ended.
mod ended;
/// No node knows less than its neighbours know of it.
pub mod never_behind;
/// The days that are over were laid side by side, and nothing differs.
mod compared;

pub use view::{NodeView, View};

/// What is broken on the day after, when every day was compared.
pub fn the_day_after(view: &View<'_>) -> Vec<String> {
    let mut found = all(view);
    found.extend(compared::check(view));
    found
}

/// Everything that is broken.
pub fn all(view: &View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(settled_once::check(view));
    found.extend(books::check(view));
    found.extend(chain::check(view));
    found.extend(accumulators::check(view));
    found.extend(accounts::check(view));
    found.extend(paid_once::check(view));
    found.extend(along_the_table::check(view));
    found.extend(clocks::check(view));
    if view.at_rest {
        found.extend(answered::check(view));
        found.extend(both_sides::check(view));
        found.extend(payable::check(view));
        found.extend(three_sides::check(view));
        found.extend(told::check(view));
        found.extend(ended::check(view));
    }
    found
}
