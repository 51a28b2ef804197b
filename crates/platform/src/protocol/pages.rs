//! One Markdown page a transaction, from its table, for the people who connect hospital software.

use super::tables::{self, Dictionary, Field, Form, Mark, Node, Transaction};
use std::fmt::Write as _;

/// The page of one transaction.
pub fn page(transaction: &Transaction) -> String {
    let mut text = String::new();
    let Transaction { infno, name, purpose, .. } = transaction;
    put(&mut text, format_args!("# {infno} {} ({})\n", name.zh, name.en));
    put(&mut text, format_args!("{}\n\n{}\n", purpose.zh, purpose.en));
    if let Some(like) = &transaction.like {
        put(
            &mut text,
            format_args!("字段同 [{like}]({like}.md)。The fields are those of [{like}]({like}.md).\n"),
        );
    }
    if !transaction.notes.is_empty() {
        put(&mut text, format_args!("## 说明 Remarks\n"));
        for note in &transaction.notes {
            put(&mut text, format_args!("- {}<br>{}", note.zh, note.en));
        }
        text.push('\n');
    }
    put(&mut text, format_args!("## 输入 Input\n"));
    for node in &transaction.input {
        put_node(&mut text, node, "input");
    }
    put(&mut text, format_args!("## 输出 Output\n"));
    if transaction.answers_file {
        put(&mut text, format_args!("{}", FILE.trim_start()));
    } else if transaction.output.is_empty() {
        put(&mut text, format_args!("`output`为`{{}}`。`output` is `{{}}`.\n"));
    }
    for node in &transaction.output {
        put_node(&mut text, node, "output");
    }
    if let Some(example) = transaction.example() {
        put(&mut text, format_args!("## 示例 Example\n\n{}", example.trim()));
        text.push('\n');
    }
    put(&mut text, format_args!("{}", CHECKED.trim_start()));
    text
}

/// The list of all pages.
pub fn index() -> String {
    let mut text = String::from(
        "# 交易 Transactions\n\n定点医药机构接口的交易,由`crates/platform/src/protocol/tables`中的字段表生成。\n\n\
         The transactions of the institution interface, generated from the field tables in \
         `crates/platform/src/protocol/tables`.\nAfter a change of a table:\n\n\
         ```sh\nYIDI_WRITE=1 cargo test -p platform pages_are_current\n```\n\n\
         字典 code lists: [dictionaries.md](dictionaries.md)\n\n\
         | infno | 名称 | name | 类别 kind |\n| --- | --- | --- | --- |\n",
    );
    for Transaction { infno, name, kind, .. } in tables::transactions() {
        put(&mut text, format_args!("| [{infno}]({infno}.md) | {} | {} | {kind} |", name.zh, name.en));
    }
    text
}

/// The page of the code lists.
pub fn dictionaries() -> String {
    let mut text = String::from(
        "# 字典 Code lists\n\n`closed`:不在表中的值被拒绝;`base n`:较长的地方代码按前n位理解;`pad n`:不足n位的在前补0。\n\n\
         `closed`: other values are refused; `base n`: a longer local code is read as its first n characters; `pad n`: \
         shorter values get zeros in front.\n",
    );
    for (name, list) in tables::dictionaries() {
        put(&mut text, format_args!("\n## {name}\n\n{} ({}){}\n", list.zh, list.en, rules(list)));
        put(&mut text, format_args!("| 代码 | 名称 | name |\n| --- | --- | --- |"));
        for (code, zh, en) in &list.codes {
            put(&mut text, format_args!("| {code} | {zh} | {en} |"));
        }
    }
    text
}

fn rules(list: &Dictionary) -> String {
    let mut rules = Vec::new();
    if list.closed {
        rules.push("closed".to_owned());
    }
    if list.base > 0 {
        rules.push(format!("base {}", list.base));
    }
    if list.pad > 0 {
        rules.push(format!("pad {}", list.pad));
    }
    if rules.is_empty() { String::new() } else { format!(": {}", rules.join(", ")) }
}

const FILE: &str = "
成功时应答正文即文件本身,`Content-Type: application/octet-stream`;失败时为普通JSON应答。<br>
A success is the file itself, `Content-Type: application/octet-stream`; a failure is the ordinary JSON answer.
";

const CHECKED: &str = "
## 检查与容错 What is checked, what is tolerated

- `!`必填;`~`公布表中必填、本平台不强求;`+`地方扩展,可不填;其余可空。<br>
  `!` required; `~` required in the published table, never demanded here; `+` local edition; the rest may be absent.
- 长度按字符计;数字须精确,不四舍五入;日期须真实存在。拒绝时指明交易、节点、字段、收到的值与要求。<br>
  Lengths count characters; numbers are exact and never rounded; days must exist. A refusal names transaction, node,
  field, what was found and what was expected.
- 数字可为JSON数字或文本;`\"\"`、`null`、`\"null\"`与不填相同;单个对象与一个元素的数组相同;日期可带时间。<br>
  Numbers may be JSON numbers or texts; `\"\"`, `null`, `\"null\"` and a missing field are the same; one object and a list
  of one are the same; a day may carry a time.
- `input`可为对象、JSON文本,或写作`Input`;`infcode`为0即成功,失败时`output`为null、原因在`err_msg`。<br>
  `input` may be an object, JSON text, or under `Input`; infcode 0 is success, and on failure `output` is null and the
  reason is in `err_msg`.
";

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

fn put_node(text: &mut String, node: &Node, direction: &str) {
    let path = if node.name == "output" { "output".to_owned() } else { format!("{direction}.{}", node.name) };
    let number = if node.many { "数组 list" } else { "对象 object" };
    let optional = if node.optional { ",可空 may be absent" } else { "" };
    put(text, format_args!("### `{path}` ({number}{optional})\n"));
    put(text, format_args!("| 字段 field | | 类型 type | 字典 codes | 名称 | label | 备注 remark |"));
    put(text, format_args!("| --- | --- | --- | --- | --- | --- | --- |"));
    for field in &node.fields {
        put_field(text, field);
    }
    text.push('\n');
}

fn put_field(text: &mut String, field: &Field) {
    let mark = match field.mark {
        Mark::Required => "!",
        Mark::Optional => "",
        Mark::Local => "+",
        Mark::Undemanded => "~",
    };
    let form = match field.form {
        Form::Text(longest) => format!("text {longest}"),
        Form::Number(digits, scale) => format!("number {digits},{scale}"),
        Form::Date => "date".to_owned(),
        Form::Time => "datetime".to_owned(),
        Form::Bytes => "bytes".to_owned(),
    };
    let list = match field.dictionary.as_deref() {
        Some(name) if tables::dictionary(name).is_some() => format!("[{name}](dictionaries.md#{name})"),
        other => other.unwrap_or_default().to_owned(),
    };
    let remark = match (field.remark.zh.as_str(), field.remark.en.as_str()) {
        (zh, en) if zh == en => zh.to_owned(),
        (zh, en) => format!("{zh}<br>{en}"),
    };
    let Field { name, label, .. } = field;
    put(
        text,
        format_args!("| `{name}` | {mark} | {form} | {list} | {} | {} | {remark} |", label.zh, label.en),
    );
}
