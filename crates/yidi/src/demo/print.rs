//! How the story is printed: a bar before the table, the table before the reasons, the books at the end.

use super::Language;
use super::tale::{Book, Layer, Story, Tale};
use crate::assembly::Running;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use insurance::adjudication::Bilingual;
use insurance::money::Fen;

/// A line below the head, and nothing else.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// How many characters a bar has.
const BAR: i64 = 50;

/// The words of one language.
#[derive(Clone, Copy)]
struct Words(Language);

impl Words {
    fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn of(self, both: &Bilingual) -> &str {
        self.pick(&both.zh, &both.en)
    }
}

/// The whole story as text.
pub fn story(story: &Story, language: Language) -> String {
    let words = Words(language);
    story.tales.iter().enumerate().map(|(number, tale)| told(number + 1, tale, words)).collect()
}

fn told(number: usize, tale: &Tale, words: Words) -> String {
    let mut text = format!("\n━━ {number}. {} ━━\n\n", words.of(&tale.title));
    let mut line = |head: &str, rest: String| text.push_str(&format!("{head} {rest}\n"));
    line(
        words.pick("参保人:", "person:"),
        format!("{} {} ({})", tale.person.name, tale.person.psn_no, words.of(&tale.person.insured_place)),
    );
    line(
        words.pick("就医机构:", "hospital:"),
        format!(
            "{} {} ({})",
            tale.hospital.name,
            tale.hospital.fixmedins_code,
            words.of(&tale.hospital.place)
        ),
    );
    line(
        words.pick("结算:", "settlement:"),
        format!("setl_id {} · mdtrt_id {}", tale.setl_id, tale.mdtrt_id),
    );

    text.push_str(&heading(words.pick("医院发出的交易", "what the hospital sent")));
    for step in &tale.steps {
        let name = words.of(&step.name);
        text.push_str(&format!("  {:<6} {name}  {} ms\n", step.infno, step.took_ms));
        if let Some(warning) = &step.warning {
            text.push_str(&format!("         {warning}\n"));
        }
    }

    text.push_str(&heading(words.pick("谁决定了什么", "who decided what")));
    for decision in &tale.decisions {
        text.push_str(&format!("  {}\n    {}\n", words.of(&decision.office), words.of(&decision.what)));
    }

    text.push_str(&heading(words.pick("费用明细(元)", "fee lines (yuan)")));
    text.push_str(&fee_lines(tale, words));
    text.push_str(&heading(words.pick("账单", "the bill")));
    text.push_str(&bill(tale, words));
    text.push_str(&heading(words.pick("为什么", "why")));
    for (number, step) in tale.explanation.iter().enumerate() {
        let says = words.of(&step.says);
        text.push_str(&format!("  {:>2}. {says}\n      [{}] {}\n", number + 1, step.mark, step.document));
    }
    text.push_str(words.pick(
        "      标记:S 见于来源,S- 见于弱来源,K 经办知识,? 最佳猜测,D 推算,P 本项目设计\n",
        "      marks: S seen in a source, S- in a weak one, K known, ? best guess, D derived, P this design\n",
    ));
    text.push_str(&heading(
        words.pick("三方账目(借为正、贷为负,合计为零)", "the books (debit +, credit -, sum zero)"),
    ));
    text.push_str(&tale.books.iter().map(|book| entries(book, words)).collect::<String>());
    let verdict = if tale.as_expected {
        words.pick("与预期逐分一致", "every amount is the expected one, to the fen")
    } else {
        words.pick("与预期不一致!", "NOT the expected amounts!")
    };
    text.push_str(&format!("\n  scenarios/{}: {verdict}\n", tale.scenario));
    text
}

fn heading(words: &str) -> String {
    format!("\n▍{words}\n")
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(RULED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.iter().map(ToString::to_string).collect::<Vec<_>>());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn yuan(fen: i64) -> String {
    Fen(fen).to_string()
}

fn fee_lines(tale: &Tale, words: Words) -> String {
    let head = [
        words.pick("项目", "item"),
        words.pick("等级", "class"),
        words.pick("金额", "fee"),
        words.pick("自费", "own"),
        words.pick("超限价", "over ceiling"),
        words.pick("先行自付", "upfront"),
        words.pick("政策范围内", "in scope"),
    ];
    let mut table = table(&head);
    for line in &tale.lines {
        table.add_row([
            line.name.clone(),
            line.class.clone(),
            yuan(line.total_fen),
            yuan(line.own_fen),
            yuan(line.over_ceiling_fen),
            yuan(line.upfront_fen),
            yuan(line.in_scope_fen),
        ]);
    }
    let sum = |part: fn(&super::tale::Line) -> i64| yuan(tale.lines.iter().map(part).sum());
    table.add_row([
        words.pick("合计", "sum").to_owned(),
        String::new(),
        sum(|line| line.total_fen),
        sum(|line| line.own_fen),
        sum(|line| line.over_ceiling_fen),
        sum(|line| line.upfront_fen),
        sum(|line| line.in_scope_fen),
    ]);
    format!("{table}\n")
}

fn bill(tale: &Tale, words: Words) -> String {
    let width = |amount: i64| usize::try_from(amount * BAR / tale.total_fen.max(1)).unwrap_or(0);
    let fund: i64 = tale.layers.iter().filter(|layer| layer.fund).map(|layer| layer.amount_fen).sum();
    let own = tale.total_fen - fund;
    let mut text = format!(
        "  {}{}\n  █ {} {}   ░ {} {}   {} {}\n",
        "█".repeat(width(fund)),
        "░".repeat(usize::try_from(BAR).unwrap_or(0) - width(fund)),
        words.pick("基金支付", "funds"),
        yuan(fund),
        words.pick("个人负担", "the person"),
        yuan(own),
        words.pick("总额", "fee"),
        yuan(tale.total_fen),
    );
    let mut table = table(&[words.pick("层次", "layer"), words.pick("金额(元)", "yuan"), ""]);
    let row = |layer: &Layer| {
        [
            words.of(&layer.name).to_owned(),
            yuan(layer.amount_fen),
            "▏".to_owned() + &"■".repeat(width(layer.amount_fen)),
        ]
    };
    for layer in &tale.layers {
        table.add_row(row(layer));
    }
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    text.push_str(&format!("{table}\n"));
    text
}

fn entries(book: &Book, words: Words) -> String {
    let mut text = format!("  {}\n", words.of(&book.office));
    for (account, amount) in &book.entries {
        text.push_str(&format!("    {account:<46} {:>12}\n", yuan(*amount)));
    }
    text.push_str(&format!("    {:<46} {:>12}\n", "Σ", yuan(book.sum_fen)));
    text
}

/// What stands at the end: where everything listens, and the first call.
pub fn ready(running: &Running, first_call: &str, language: Language) -> String {
    let words = Words(language);
    let mut text = String::from("\n");
    let mut line = |zh: &str, en: &str, rest: String| {
        text.push_str(&format!("{} {rest}\n", words.pick(zh, en)));
    };
    line("沙箱已就绪:", "the sandbox is ready:", format!("http://{}", running.address));
    line(
        "机构接口:",
        "institution interface:",
        format!("http://{}/fsi/api/...", running.institutions_address.unwrap_or(running.address)),
    );
    line(
        "测试人员、机构、项目:",
        "test people, institutions, items:",
        format!("http://{}/sandbox/personas", running.address),
    );
    line("第一笔1101,直接粘贴运行:", "a first 1101, to paste and run:", String::new());
    text.push_str(&format!("\n{first_call}\n\n"));
    text.push_str(words.pick("按 Ctrl-C 结束\n", "Ctrl-C ends it\n"));
    text
}
