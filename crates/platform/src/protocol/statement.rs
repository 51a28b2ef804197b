//! 3201, 3202, 13203: totals, lines of files in both column orders, results, and what is answered of them.

use super::reading::{Decimal, fold};
use super::statement_words::memo;
use super::values::{Amount, Day, Flag};
use crate::refusal::{Code, Refusal};
use insurance::identity::Region;
use insurance::money::Fen;
use insurance::person::Insurance;
use insurance::statement::{Amounts, Entry, Judged, Line, Side, Totals, Why};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A whole number of the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = Decimal::read(&text).and_then(|number| number.scaled(0));
        read.map(Whole).ok_or_else(|| serde::de::Error::custom("整数 (a whole number)"))
    }
}

/// 3201 `data`
#[derive(Debug, Deserialize)]
pub struct TotalsAsked {
    /// 险种
    pub insutype: String,
    /// 清算类别
    pub clr_type: String,
    /// 结算经办机构
    pub setl_optins: String,
    /// 对账开始日期
    pub stmt_begndate: Day,
    /// 对账结束日期
    pub stmt_enddate: Day,
    /// 医疗费总额
    pub medfee_sumamt: Amount,
    /// 基金支付总额
    pub fund_pay_sumamt: Amount,
    /// 个人账户支付金额
    pub acct_pay: Amount,
    /// 定点医药机构结算笔数
    pub fixmedins_setl_cnt: Whole,
    /// 退费结算标志
    pub refd_setl_flag: Option<String>,
}

/// 3202 `data`
#[derive(Debug, Deserialize)]
pub struct DetailsAsked {
    /// 结算经办机构
    pub setl_optins: String,
    /// 文件查询号
    pub file_qury_no: String,
    /// 对账开始日期
    pub stmt_begndate: Day,
    /// 对账结束日期
    pub stmt_enddate: Day,
    /// 医疗费总额
    pub medfee_sumamt: Amount,
    /// 基金支付总额
    pub fund_pay_sumamt: Amount,
    /// 定点医药机构结算笔数
    pub fixmedins_setl_cnt: Whole,
    /// 清算类别
    pub clr_type: String,
    /// 退费结算标志
    pub refd_setl_flag: Option<String>,
}

/// 13203 `data`
#[derive(Debug, Deserialize)]
pub struct DayAsked {
    /// 对账日期
    pub stmt_date: Day,
    /// 明细对账结果: 0 agrees, 1 differs
    pub stmt_rslt: Option<String>,
    /// 查询页面数据量
    pub page_size: Whole,
    /// 页数
    pub page_num: Option<Whole>,
    /// 清算机构编码
    pub clr_optins: String,
    /// 清算类别
    pub clr_type: Option<String>,
    /// 险种
    pub insutype: Option<String>,
    /// 就医类别
    pub clr_pay_loc: Option<String>,
}

/// Whether takings back count: they do where nothing is told.
pub fn refunds_count(flag: Option<&str>) -> bool {
    flag.is_none_or(|flag| flag != "0")
}

/// Whether a 清算类别 is inpatient; none for those that no settlement here has.
pub fn is_inpatient(clr_type: &str) -> Option<bool> {
    match clr_type {
        "11" => Some(false),
        "21" => Some(true),
        _ => None,
    }
}

/// The answer of 3201.
pub fn totals(optins: &str, ours: Totals, theirs: Totals) -> Value {
    let agrees = figures(ours, theirs).next().is_none();
    json!({"stmtinfo": {
        "setl_optins": optins,
        "stmt_rslt": if agrees { "0" } else { "1" },
        "stmt_rslt_dscr": described(ours, theirs),
    }})
}

/// What differs between totals: the words for it, both figures and the difference.
fn figures(ours: Totals, theirs: Totals) -> impl Iterator<Item = (&'static str, String, String, String)> {
    let money = |name, of: fn(&Amounts) -> Fen| {
        let (ours, theirs) = (of(&ours.amounts), of(&theirs.amounts));
        (ours != theirs).then(|| (name, ours.to_string(), theirs.to_string(), (ours - theirs).to_string()))
    };
    let (count, counted) = (ours.count, theirs.count);
    let counts = (count != counted)
        .then(|| ("笔数count", count.to_string(), counted.to_string(), (count - counted).to_string()));
    [
        money("总费fee", |amounts| amounts.fee),
        money("基金fund", |amounts| amounts.fund),
        money("账户account", |amounts| amounts.account),
        counts,
    ]
    .into_iter()
    .flatten()
}

/// The most characters of a description.
const LONGEST_DESCRIPTION: usize = 200;

fn described(ours: Totals, theirs: Totals) -> String {
    let found: Vec<_> = figures(ours, theirs).collect();
    if found.is_empty() {
        return format!("平,{}笔 | agrees, {}", ours.count, ours.count);
    }
    let long: Vec<String> =
        found.iter().map(|(name, ours, theirs, off)| format!("{name} {ours}-({theirs})={off}")).collect();
    let long = format!("不平 differs (中心agency-机构institution): {}", long.join("; "));
    if long.chars().count() <= LONGEST_DESCRIPTION {
        return long;
    }
    let short: Vec<String> = found.iter().map(|(name, _, _, off)| format!("{name} {off}")).collect();
    format!("不平 differs (中心agency-机构institution): {}", short.join("; "))
}

/// One row of 13203.
#[derive(Clone, Debug)]
pub struct RowShown {
    /// Whether it takes back.
    pub refund: bool,
    /// 人员编号
    pub person: String,
    /// 就诊ID
    pub visit: String,
    /// 结算ID
    pub settlement: String,
    /// 发送方报文ID
    pub message: String,
    /// The code of who has it.
    pub side: i64,
    /// 医疗费总额
    pub fee: Fen,
    /// Where the person is insured, where that is known.
    pub pool: Option<Region>,
    /// Of which insurance, where that is known.
    pub insurance: Option<Insurance>,
}

/// A row of 13203 on the wire.
pub fn row(shown: &RowShown, name: Option<&str>, optins: &str) -> Value {
    json!({
        "refd_setl_flag": Flag(shown.refund),
        "psn_no": shown.person,
        "mdtrt_id": shown.visit,
        "setl_id": shown.settlement,
        "psn_name": name,
        "stmt_rslt": shown.side.to_string(),
        "medfee_sumamt": Amount(shown.fee),
        "clr_optins": optins,
        "msg_id": (!shown.message.is_empty()).then_some(&shown.message),
    })
}

/// The columns of a file, in the order of the published table.
const PUBLISHED: [&str; 7] =
    ["setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay", "refd_setl_flag"];
/// The columns of a result, which much software uploads as well.
const RESULT: [&str; 10] = [
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "msgid",
    "stmt_rslt",
    "refd_setl_flag",
    "memo",
    "medfee_sumamt",
    "fund_pay_sumamt",
    "acct_pay",
];
/// The same without the three that say nothing in an upload.
const SHORT: [&str; 7] =
    ["psn_no", "mdtrt_id", "setl_id", "msgid", "medfee_sumamt", "fund_pay_sumamt", "acct_pay"];

fn cells(line: &str) -> Vec<&str> {
    let blank = |cell: &str| if cell.eq_ignore_ascii_case("null") { "" } else { "x" };
    line.split('\t').map(str::trim).map(|cell| if blank(cell).is_empty() { "" } else { cell }).collect()
}

fn amount(cell: &str) -> Option<Fen> {
    let read = Decimal::read(cell)?.without_noise(2);
    let fen = read.scaled(2).filter(|_| read.fits(16, 2))?;
    (fen.unsigned_abs() <= Fen::LARGEST_BILL.0.unsigned_abs()).then_some(Fen(fen))
}

/// Whether a line looks as published: an amount where the other order has a message number.
fn is_published(cells: &[&str]) -> bool {
    let flag = cells.get(6).is_none_or(|flag| matches!(*flag, "" | "0" | "1"));
    let ends = cells.iter().skip(PUBLISHED.len()).all(|cell| cell.is_empty());
    cells.len() >= 6 && flag && ends && cells.get(3).is_some_and(|cell| amount(cell).is_some())
}

/// Whether seven columns look like the short form: a message number where an amount would be, longer than any amount.
fn is_short(cells: &[&str]) -> bool {
    cells.len() == SHORT.len() && cells.get(3).is_some_and(|message| message.len() >= 14)
}

/// Every line of an uploaded text, in whichever of the column orders it is.
pub fn lines(text: &str) -> Result<Vec<Line>, Refusal> {
    let written = || {
        let numbered = text.lines().enumerate().map(|(place, line)| (place + 1, cells(line)));
        // Blank lines say nothing, nor does a header that should not be there.
        numbered.filter(|(place, cells)| {
            cells.iter().any(|cell| !cell.is_empty()) && !(*place == 1 && cells.contains(&"setl_id"))
        })
    };
    let (published, short) = written().fold((0, 0), |(published, short), (_, cells)| {
        (published + usize::from(is_published(&cells)), short + usize::from(is_short(&cells)))
    });
    let published = published >= short;
    written().map(|(number, cells)| line(number, &cells, published)).collect()
}

fn wrong(number: usize, column: &str, found: &str, zh: &str, en: &str) -> Refusal {
    Refusal::new(Code::StatementLineWrong)
        .with("line", number)
        .with("column", column)
        .with("found", found.chars().take(40).collect::<String>())
        .with_both("expected", zh, en)
}

fn line(number: usize, cells: &[&str], published: bool) -> Result<Line, Refusal> {
    let end = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let columns: &[&str] = match (published, cells.len()) {
        (true, 6..) if end <= PUBLISHED.len() => &PUBLISHED,
        (false, 7..) if end <= SHORT.len() => &SHORT,
        (_, 10..) if end <= RESULT.len() => &RESULT,
        _ => {
            return Err(wrong(
                number,
                "*",
                &format!("{}列 ({} columns)", cells.len(), cells.len()),
                "以TAB分隔的7列或10列(见3202)",
                "7 or 10 columns with TAB between (see 3202)",
            ));
        }
    };
    let cell = |name: &str| {
        let place = columns.iter().position(|column| *column == name);
        place.and_then(|place| cells.get(place)).copied().unwrap_or_default()
    };
    let name = |column: &'static str| {
        let found = cell(column);
        let fits = found.chars().count() <= 30 && !found.chars().any(char::is_control);
        fits.then(|| found.to_owned()).ok_or_else(|| {
            wrong(number, column, found, "不超过30个可见字符", "at most 30 printable characters")
        })
    };
    let money = |column: &'static str| match (cell(column), column) {
        // Software that has no account and no fund leaves them empty.
        ("", "fund_pay_sumamt" | "acct_pay") => Ok(Fen::ZERO),
        (found, _) => amount(found).ok_or_else(|| {
            wrong(
                number,
                column,
                found,
                "金额,如12.50,最多两位小数",
                "an amount such as 12.50, at most two decimals",
            )
        }),
    };
    let read = Line {
        number,
        settlement: name("setl_id")?,
        visit: name("mdtrt_id")?,
        person: name("psn_no")?,
        message: name("msgid")?,
        amounts: Amounts {
            fee: money("medfee_sumamt")?,
            fund: money("fund_pay_sumamt")?,
            account: money("acct_pay")?,
            cash: Fen::ZERO,
        },
        refund: match fold(cell("refd_setl_flag")).as_str() {
            "" => None,
            "0" => Some(false),
            "1" => Some(true),
            found => return Err(wrong(number, "refd_setl_flag", found, "0或1", "0 or 1")),
        },
    };
    if read.settlement.is_empty() && read.message.is_empty() {
        return Err(wrong(
            number,
            "setl_id",
            "",
            "结算ID(没有时填msgid)",
            "a settlement number, or else a msgid",
        ));
    }
    Ok(read)
}

/// The code of who has it.
pub fn side_code(side: Side) -> i64 {
    match side {
        Side::Both => 0,
        Side::Agency => 1,
        Side::Institution => 2,
        Side::Differ => 3,
    }
}

/// The text of a result file.
#[derive(Default)]
pub struct ResultText(String);

impl ResultText {
    /// A line of the institution with what became of it.
    pub fn judged(&mut self, judged: &Judged) {
        match &judged.entry {
            Some(entry) => self.entry(entry, &judged.why, Some(&judged.line)),
            None => {
                let line = &judged.line;
                let names = [&line.person, &line.visit, &line.settlement, &line.message].map(String::as_str);
                self.row(names, line.is_refund(), line.amounts, (&judged.why, None, true));
            }
        }
    }

    /// What only the agency has.
    pub fn not_listed(&mut self, entry: &Entry, why: &Why) {
        self.entry(entry, why, None);
    }

    fn entry(&mut self, entry: &Entry, why: &Why, line: Option<&Line>) {
        let names =
            [entry.person.as_str(), entry.visit.as_str(), entry.settlement.as_str(), entry.message.as_str()];
        // A line of which nothing is booked keeps what the institution wrote.
        let agency = |why: &Why| {
            use Why::{OtherAmounts, OtherClass, OtherDay, Same, SameForNow};
            matches!(why, Same | SameForNow(_) | OtherAmounts(_) | OtherDay(_) | OtherClass)
        };
        let own = line.filter(|_| !agency(why));
        let amounts = own.map_or(entry.amounts, |line| line.amounts);
        let refund = own.map_or(entry.takes_back, Line::is_refund);
        let person = own.map_or(entry.person.as_str(), |line| line.person.as_str());
        let visit = own.map_or(entry.visit.as_str(), |line| line.visit.as_str());
        self.row([person, visit, names[2], names[3]], refund, amounts, (why, Some(entry), line.is_some()));
    }

    fn row(&mut self, names: [&str; 4], refund: bool, amounts: Amounts, why: (&Why, Option<&Entry>, bool)) {
        let or_null = |text: &str| if text.is_empty() { "null".to_owned() } else { text.to_owned() };
        let (why, entry, listed) = why;
        let (side, _) = why.verdict(listed);
        let cells = [
            or_null(names[0]),
            or_null(names[1]),
            or_null(names[2]),
            or_null(names[3]),
            side_code(side).to_string(),
            if refund { "1" } else { "0" }.to_owned(),
            or_null(&memo(why, entry, listed)),
            amounts.fee.to_string(),
            amounts.fund.to_string(),
            amounts.account.to_string(),
        ];
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{}", cells.join("\t"));
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Line>, String> {
        lines(text).map_err(|refusal| refusal.en())
    }

    #[test]
    fn the_order_of_the_columns_is_recognised_by_the_whole_file() {
        let published = "A1\tV1\tP1\t1200.00\t1.00\t0\t0\nA2\tV2\tP2\t-5\tnull\t\t1";
        let result = "P1\tV1\tA1\t31010490002202611250001\tnull\t\t\t1200.00\t1.00\t0\n\
                      P2\tV2\tA2\t31010490002202611250002\t\t1\tnull\t-5.0\t0\t0";
        let short = "P1\tV1\tA1\t31010490002202611250001\t1200\t1\t0\nP2\tV2\tA2\t20261125000002\t-5\t\t";
        let with_header =
            format!("setl_id\tmdtrt_id\tpsn_no\tmedfee_sumamt\tfund\tacct\tflag\n{published}\t\t\n");
        for text in [published, result, short, &with_header] {
            let found = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            let seen: Vec<_> = found
                .iter()
                .map(|line| {
                    let amounts = line.amounts;
                    (
                        line.settlement.as_str(),
                        line.person.as_str(),
                        amounts.fee.0,
                        amounts.fund.0,
                        line.is_refund(),
                    )
                })
                .collect();
            assert_eq!(seen, [("A1", "P1", 1200_00, 1_00, false), ("A2", "P2", -5_00, 0, true)], "{text}");
        }
        let lone = read("P1\tV1\t\tM1\t\t\t\t1\t1\t1").expect("by its message");
        assert_eq!((lone[0].settlement.as_str(), lone[0].message.as_str()), ("", "M1"));
        assert_eq!(read("\n \n").expect("nothing"), []);
    }

    #[test]
    fn a_wrong_line_is_named_with_its_column() {
        for (text, expected) in [
            ("A1\tV1\tP1\t1\t1\t1\t0\nA2\tV2\tP2\tx\t1\t1\t0", "line 2 of the file, medfee_sumamt: \"x\""),
            ("A1\tV1\tP1\tnull\t1\t1\t0", "line 1 of the file, medfee_sumamt"),
            ("A1\tV1\tP1\t100000000.01\t1\t1\t0", "line 1 of the file, medfee_sumamt: \"100000000.01\""),
            ("A1\tV1\tP1\t1\t1\t1.001\t0", "line 1 of the file, acct_pay"),
            ("A1\tV1\tP1\t1\t1\t1\t2", "line 1 of the file, refd_setl_flag: \"2\""),
            ("\tV1\tP1\t1\t1\t1\t0", "line 1 of the file, setl_id"),
            ("A1\tV1\tP1\t1\t1", "5 columns"),
            ("A1,V1,P1,1,1,1,0", "1 columns"),
            ("A1\tV1\tP1\t1\t1\t1\t0\t7\t8", "9 columns"),
        ] {
            let why = read(text).expect_err(text);
            assert!(why.contains(expected), "{expected}: {why}");
        }
    }

    #[test]
    fn a_description_has_room_for_the_largest_totals() {
        let amounts = |sign: i64| {
            let fen = Fen(sign * 99_999_999_999_999_99);
            Amounts { fee: fen, fund: fen, account: fen, cash: Fen::ZERO }
        };
        let [ours, theirs] =
            [1, -1].map(|sign| Totals { count: sign * 9_999_999_999, amounts: amounts(sign) });
        let text = described(ours, theirs);
        assert!(text.chars().count() <= LONGEST_DESCRIPTION, "{text}");
        for part in ["fee 199999999999999.98", "fund", "account", "count 19999999998"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let few = described(ours, Totals { count: ours.count - 1, ..ours });
        assert!(few.ends_with("count 9999999999-(9999999998)=1"), "{few}");
    }
}
