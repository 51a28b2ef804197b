//! The words of a difference: its kind, the facts of both sides, and the proposed repair, in Chinese and English.

use insurance::statement::{Entry, Figure, Why};

/// The most characters of a memo.
const LONGEST: usize = 500;

/// What is said of a line or an entry; nothing where it simply agrees.
pub(super) fn memo(why: &Why, entry: Option<&Entry>, listed: bool) -> String {
    let Some((fact, repair)) = words(why, entry) else { return String::new() };
    let text = match why.verdict(listed).1 {
        Some(kind) => {
            format!(
                "{}:{}。处理:{} | {}: {}. Repair: {}",
                kind.zh(),
                fact.0,
                repair.0,
                kind.en(),
                fact.1,
                repair.1
            )
        }
        None => format!("{},{} | {}: {}", fact.0, repair.0, fact.1, repair.1),
    };
    text.chars().take(LONGEST).collect()
}

/// Chinese and English.
type Both = (String, String);

fn both(zh: impl Into<String>, en: impl Into<String>) -> Both {
    (zh.into(), en.into())
}

/// The fact and the repair.
fn words(why: &Why, entry: Option<&Entry>) -> Option<(Both, Both)> {
    let back = if entry.is_some_and(|entry| entry.inpatient) { "2305" } else { "2208" };
    let (transaction, message) =
        entry.map_or(("-", "-"), |entry| (entry.transaction.as_str(), entry.message.as_str()));
    let day = entry.and_then(Entry::day).map_or("-".to_owned(), |day| day.to_string());
    Some(match why {
        Why::Same => return None,
        Why::SameForNow(state) => (
            both(
                format!("相符,该结算目前{}", state.zh()),
                format!("agrees, but the settlement is {}", state.en()),
            ),
            both("请等待,无需重复操作", "wait, there is nothing to repeat"),
        ),
        Why::OtherAmounts(figures) => {
            let told = |language: fn(Figure, &str, &str) -> String| {
                let told = figures
                    .iter()
                    .map(|(figure, ours, theirs)| language(*figure, &ours.to_string(), &theirs.to_string()));
                told.collect::<Vec<_>>()
            };
            let zh = told(|figure, ours, theirs| format!("{}中心{ours}、机构{theirs}", name(figure)));
            let en =
                told(|figure, ours, theirs| format!("{} agency {ours}, institution {theirs}", name(figure)));
            (
                both(zh.join(";"), en.join("; ")),
                both(
                    format!("机构按中心金额更正本地记录;收费本身有误的,以{back}撤销后重新结算"),
                    format!(
                        "correct your record to the agency's; where the bill itself was wrong, {back} and settle again"
                    ),
                ),
            )
        }
        Why::OtherPerson => {
            let (person, visit) =
                entry.map_or(("-", "-"), |entry| (entry.person.as_str(), entry.visit.as_str()));
            (
                both(
                    format!("该结算ID在中心属于人员{person}、就诊{visit}"),
                    format!("this number is that of person {person}, visit {visit}"),
                ),
                both("机构更正本地记录的psn_no、mdtrt_id", "correct psn_no and mdtrt_id of your record"),
            )
        }
        Why::NotListed => (
            both(
                format!("中心于{day}有此结算({transaction},msgid {message}),机构未列"),
                format!(
                    "the agency booked it on {day} ({transaction}, msgid {message}) and it is not listed"
                ),
            ),
            both(
                format!(
                    "病人已按此付费的,机构补记;否则以2601冲正(oinfno {transaction},omsgid {message})或以{back}撤销"
                ),
                format!(
                    "where the person paid by it, add it to your record; otherwise undo it with 2601 (oinfno \
                     {transaction}, omsgid {message}) or {back}"
                ),
            ),
        ),
        Why::TakenBackHere(of) => {
            let of = of.as_ref().map_or("-", |id| id.as_str());
            (
                both(
                    format!("中心于{day}撤销了结算{of}({transaction},msgid {message}),机构未列该撤销"),
                    format!(
                        "settlement {of} was taken back on {day} ({transaction}, msgid {message}) and this is not listed"
                    ),
                ),
                both(
                    format!(
                        "机构补记退费;撤销有误的,以2601冲正(oinfno {transaction},omsgid {message})即可恢复"
                    ),
                    format!(
                        "book the refund; where the taking back was wrong, undo it with 2601 (oinfno {transaction}, omsgid {message})"
                    ),
                ),
            )
        }
        Why::TakenBackThere => (
            both("机构已退费,中心该结算仍有效", "you have taken it back, and here it stands"),
            both(
                format!("以{back}撤销该结算;或取消本机构的退费"),
                format!("take it back with {back}, or cancel the refund in your record"),
            ),
        ),
        Why::Unknown => (
            both(
                "机构有此笔,中心没有本机构的此结算",
                "you have it, and the agency has no such settlement of yours",
            ),
            both(
                "以原交易的msgid发2601,确保不会记账,作废本地记录后重新结算",
                "send 2601 with the msgid of the original so that it is never booked, void your record, settle again",
            ),
        ),
        Why::NotBooked(state) => (
            both(
                format!("中心该结算{},各方均未记账", state.zh()),
                format!("here it is {}; nothing was booked on any side", state.en()),
            ),
            both("机构作废此笔,需要时重新结算", "void it in your record and settle again where needed"),
        ),
        Why::BeingResolved(state) => (
            both(
                format!("该结算{},平台正在核实,结果将自动确定", state.zh()),
                format!("it is {}; the platform is resolving it by itself", state.en()),
            ),
            both(
                "请等待,稍后重新对账,无需重复操作",
                "wait and compare again later; there is nothing to repeat",
            ),
        ),
        Why::OtherDay(booked) => (
            both(format!("中心记在{}", booked), format!("the agency has it on {}", booked)),
            both("按该日对账,账目无需更正", "compare it on that day; there is nothing to correct"),
        ),
        Why::OtherClass => {
            let class = if entry.is_some_and(|entry| entry.inpatient) { "21" } else { "11" };
            (
                both(
                    format!("中心为clr_type {class}的结算"),
                    format!("the agency has it under clr_type {class}"),
                ),
                both("在该清算类别中对账", "compare it under that kind of clearing"),
            )
        }
        Why::Undone(None) => (
            both("该交易已由2601冲正,视同未发生", "its message was undone by 2601, as if it had never been"),
            both("机构作废此笔", "void it in your record"),
        ),
        Why::Undone(Some(on)) => (
            both(
                format!("该结算于{}由2601冲正,结算日与冲正日各计一笔,净额为零", on),
                format!("it was undone by 2601 on {}: one record on each of the two days, zero together", on),
            ),
            both("账目无需更正", "there is nothing to correct"),
        ),
        Why::StandsAgain => (
            both(
                "该撤销已由2601冲正,原结算有效",
                "this taking back was undone by 2601; the settlement stands",
            ),
            both("机构作废此负记录", "void this negative record"),
        ),
        Why::EndedByDecision => (
            both(
                "平台按跨省对账的决定撤销了该结算",
                "it was taken back by a decision after the offices had compared their books",
            ),
            both("机构作废此笔,需要时重新结算", "void it in your record and settle again where needed"),
        ),
        Why::Twice(line) => (
            both(format!("与文件第{line}行为同一笔"), format!("the same as line {line} of the file")),
            both("机构删去一行", "take one of the two out"),
        ),
    })
}

fn name(figure: Figure) -> &'static str {
    match figure {
        Figure::Fee => "medfee_sumamt",
        Figure::Fund => "fund_pay_sumamt",
        Figure::Account => "acct_pay",
    }
}
