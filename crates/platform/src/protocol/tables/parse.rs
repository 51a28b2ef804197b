//! Reads one table file; the form is described in the parent.

use super::{Both, Field, Form, Mark, Node, Transaction};

fn both(text: &str) -> Both {
    let (zh, en) = text.split_once('|').unwrap_or((text, ""));
    Both { zh: zh.trim().to_owned(), en: en.trim().to_owned() }
}

pub(super) fn transaction(text: &str) -> Result<Transaction, String> {
    let mut lines = text.lines();
    let (infno, name) = lines.next().and_then(|line| line.split_once(' ')).ok_or("no header")?;
    let mut read = Transaction {
        infno: infno.to_owned(),
        name: both(name),
        kind: String::new(),
        purpose: Both::default(),
        notes: Vec::new(),
        like: None,
        instead: Vec::new(),
        input: Vec::new(),
        output: Vec::new(),
        answers_file: false,
    };
    let mut into_output = false;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        if line.starts_with("  ") {
            let nodes = if into_output { &mut read.output } else { &mut read.input };
            let node = nodes.last_mut().ok_or_else(|| format!("a field without a node: {line}"))?;
            node.fields.push(parse_field(line.trim()).ok_or_else(|| format!("not a field: {line}"))?);
            continue;
        }
        let (word, rest) = line.split_once(' ').ok_or_else(|| format!("not a line: {line}"))?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (word, words.as_slice()) {
            ("answers", ["file"]) => read.answers_file = true,
            ("kind", [kind]) => read.kind = (*kind).to_owned(),
            ("for", _) => read.purpose = both(rest),
            ("note", _) => read.notes.push(both(rest)),
            ("like", [infno]) => read.like = Some((*infno).to_owned()),
            ("instead", [field, others @ ..]) => {
                read.instead
                    .push(((*field).to_owned(), others.iter().map(|name| (*name).to_owned()).collect()));
            }
            ("in" | "out", [name, number @ ("one" | "many"), optional @ ..]) => {
                into_output = word == "out";
                let optional = optional == ["optional"];
                let node =
                    Node { name: (*name).to_owned(), many: *number == "many", optional, fields: Vec::new() };
                if into_output { read.output.push(node) } else { read.input.push(node) }
            }
            _ => return Err(format!("not a line: {line}")),
        }
    }
    Ok(read)
}

fn parse_field(line: &str) -> Option<Field> {
    let (name, rest) = line.split_once(char::is_whitespace)?;
    let (mark, rest) = rest.trim_start().split_once(' ')?;
    let mark = match mark {
        "!" => Mark::Required,
        "-" => Mark::Optional,
        "+" => Mark::Local,
        "~" => Mark::Undemanded,
        _ => return None,
    };
    let (form, rest) = rest.trim_start().split_once(char::is_whitespace)?;
    let (form, rest) = match form {
        "date" => (Form::Date, rest),
        "datetime" => (Form::Time, rest),
        "bytes" => (Form::Bytes, rest),
        "text" => {
            let (length, rest) = rest.trim_start().split_once(' ')?;
            (Form::Text(length.parse().ok()?), rest)
        }
        "number" => {
            let (length, rest) = rest.trim_start().split_once(' ')?;
            let (digits, scale) = length.split_once('.')?;
            (Form::Number(digits.parse().ok()?, scale.parse().ok()?), rest)
        }
        _ => return None,
    };
    let rest = rest.trim_start();
    let (dictionary, rest) = match rest.strip_prefix(['@', '?']) {
        Some(listed) => listed.split_once(' ').map(|(list, rest)| (Some(list.to_owned()), rest))?,
        None => (None, rest),
    };
    let mut words = rest.splitn(3, '|').map(str::trim);
    let label = Both { zh: words.next()?.to_owned(), en: words.next()?.to_owned() };
    let (zh, en) =
        words.next().map_or(("", ""), |remark| remark.split_once(" / ").unwrap_or((remark, remark)));
    let remark = Both { zh: zh.to_owned(), en: en.to_owned() };
    Some(Field { name: name.to_owned(), mark, form, dictionary, label, remark })
}
