//! `yidi simulate --battery`: what a disk can do to one scenario, all of it, and what came of it.

use super::Args;
use anyhow::Context;
use platform::doors::{Clock, MachineClock, NodeId};
use simulation::battery::{Imaged, SCENARIO, Stroke, Turned, every, images, scenario, turned_bits, writers};
use simulation::country::Order;
use std::io::Write;

/// Exit code 0 where nothing was broken and no image was wrong.
pub(super) fn run(args: &Args) -> anyhow::Result<bool> {
    let clock = MachineClock::default();
    let begun = clock.now();
    let order = scenario(args.seed.unwrap_or(SCENARIO), args.visits.unwrap_or(1));
    let nodes = writers(&order).context("failed to run the scenario")?;
    let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    println!("情景 scenario: {}", order.command());
    println!("写盘节点 nodes that write: {}\n", names.join(", "));
    let broken = strokes(args, &order, &nodes)?;
    let share = args.images.div_ceil(nodes.len() as u64);
    let mut sum = Imaged::default();
    for node in &nodes {
        progress(&format!("{node} images"));
        sum.add(images(&order, *node, share).context("failed to make images")?);
    }
    print_images(&sum);
    let share = args.bits.div_ceil(nodes.len() as u64);
    let mut turned = Turned::default();
    for node in &nodes {
        progress(&format!("{node} bits"));
        turned.add(turned_bits(&order, *node, share).context("failed to turn bits")?);
    }
    print_bits(&turned);
    println!("\n用时 took {} s", (clock.now().0 - begun.0) / 1000);
    Ok(broken == 0 && sum.wrong.is_empty())
}

fn progress(doing: &str) {
    eprint!("\r{doing:<40}\r");
    let _ = std::io::stderr().flush();
}

fn strokes(args: &Args, order: &Order, nodes: &[NodeId]) -> anyhow::Result<usize> {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::TableStyle::new());
    table.set_header(["节点 node", "打击 stroke", "次数 at every n up to", "破坏 broken"]);
    let mut broken = Vec::new();
    for node in nodes {
        for stroke in Stroke::ALL {
            progress(&format!("{node}: {}", stroke.says()));
            let struck = every(order, *node, stroke, args.threads()).context("failed to strike")?;
            table.add_row([
                node.to_string(),
                stroke.says().to_owned(),
                struck.runs.to_string(),
                struck.broken.len().to_string(),
            ]);
            broken.extend(struck.broken);
        }
    }
    println!("{table}");
    for (command, violations) in &broken {
        println!("错误 BROKEN: {command}");
        violations.iter().for_each(|violation| println!("    {violation}"));
    }
    Ok(broken.len())
}

fn print_images(sum: &Imaged) {
    println!(
        "断电映像 images of power cuts: {} ({} 个未落盘扇区丢失或撕裂 sectors lost or torn)",
        sum.images, sum.sectors_hurt
    );
    println!("  恰为已确认的提交 exactly what was confirmed: {}", sum.confirmed);
    println!("  另含正在提交的一笔 with the commit that was being asked for: {}", sum.asked);
    println!("  拒绝打开 refused: {}", sum.refused.len());
    println!("  静默错误 silent errors: {}", sum.wrong.len());
    for line in sum.refused.iter().chain(&sum.wrong).take(10) {
        println!("    {line}");
    }
}

fn print_bits(turned: &Turned) {
    println!("已落盘处翻转的位 bits turned in what was flushed: {}", turned.bits);
    println!("  无影响 harmless: {}", turned.harmless);
    println!("  引擎拒绝 refused by the engine: {}", turned.refused);
    println!("  引擎自检发现 found by its own check of the file: {}", turned.found_by_the_engine);
    println!("  核对发现 found by the checks: {}", turned.found_by_the_checks);
    println!(
        "  日志截断到较早的提交而未被发现 cut the log back to an earlier commit, and not found: {}",
        turned.cut_back
    );
    let silent: u64 = turned.silent.values().sum();
    println!("  内容被改而未被发现 changed something, and not found: {silent}");
    for (tables, times) in &turned.silent {
        println!("    {times:>6}  {tables}");
    }
}
