//! `yidi bench settle`: as fast as so many counters go, then at half of that, beside what the machine and the server can do.

use super::Common;
use super::limits::{Limits, Order};
use super::phase::{Phase, closed, open};
use crate::figures::Hundredths;
use platform::doors::NodeId;
use serde_json::{Value, json};

/// Measures whole settlements.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
}

/// Durable nodes that a settlement touches: treatment place, hub, insured place.
const NODES: u64 = crate::rig::PROVINCES.len() as u64 + 1;

/// Runs both phases; gives what is broken.
pub fn run(args: &Args, runtime: &tokio::runtime::Runtime) -> anyhow::Result<Vec<String>> {
    let common = &args.common;
    let (mut ground, _scratch) = common.ground(runtime)?;
    let folder = ground.rig.of(NodeId::Hub).data.clone();
    let address = ground.server.as_ref().map(crate::bench::server::Server::address);
    let order =
        address.as_deref().map(|address| Order { address, clients: common.clients, seconds: common.seconds });
    if let Some(order) = &order {
        order.prepare()?;
    }
    let before = Limits::measure(&folder, order.as_ref())?;
    let most = closed(&mut ground, common.clients, common.seconds);
    let half = (most.rate.0 / 200).max(1);
    let held = open(&mut ground, half, common.seconds);
    let after = Limits::measure(&folder, order.as_ref())?;
    let violations = ground.verify()?;
    let measured = Measured { limits: before.mean(after), most, held };
    if common.json {
        println!("{}", serde_json::to_string_pretty(&measured.as_json(common, &violations))?);
    } else {
        measured.print(common, &violations);
    }
    Ok(violations)
}

/// What a run came to.
struct Measured {
    limits: Limits,
    most: Phase,
    held: Phase,
}

impl Measured {
    /// Settlements for each transaction of `pgbench` divided by the nodes that a settlement touches: 1 is the aim.
    fn of_pgbench(&self) -> Option<Hundredths> {
        self.limits.pgbench.map(|pgbench| Hundredths::of(self.most.rate.0 * NODES, pgbench.rate.0))
    }

    fn of_transactions(&self) -> Hundredths {
        Hundredths::of(self.most.rate.0, self.limits.transactions * 100)
    }

    fn of_flushes(&self) -> Hundredths {
        Hundredths::of(self.most.rate.0, self.limits.flushes * 100)
    }

    fn print(&self, common: &Common, violations: &[String]) {
        let Limits { flushes, transactions, pgbench } = self.limits;
        println!("{}", common.kind());
        let say = |zh: String, en: String| println!("{}", common.say(zh, en));
        say(
            format!("本机,同一目录: 每秒落盘{flushes}次,SQLite单行持久事务每秒{transactions}个"),
            format!(
                "this machine, in the same folder: {flushes} flushes a second, {transactions} durable transactions of one \
                 row a second on SQLite"
            ),
        );
        match pgbench {
            Some(pgbench) => {
                let (rate, latency) = (pgbench.rate, Hundredths::of(pgbench.latency_us, 1000));
                say(
                    format!("同一服务器,同样多的客户端: pgbench(类TPC-B)每秒{rate}个事务,平均{latency}毫秒"),
                    format!(
                        "the same server, as many clients: pgbench (TPC-B-like) {rate} transactions a second, {latency} ms \
                         on average"
                    ),
                );
            }
            None if common.postgres.is_some() => say(
                "未测pgbench: 本机没有安装".into(),
                "pgbench was not measured: it is not installed here".into(),
            ),
            None => {}
        }
        say("\n尽力而为:".into(), "\nas fast as it goes:".into());
        self.most.print(common.lang);
        let (transactions, flushes) = (self.of_transactions(), self.of_flushes());
        say(
            format!("  结算数与SQLite单行持久事务数之比{transactions};与落盘次数之比{flushes}"),
            format!(
                "  {transactions} settlements for each durable transaction of one row that SQLite can make; {flushes} for \
                 each flush that the disk can make"
            ),
        );
        if let Some(ratio) = self.of_pgbench() {
            say(
                format!("  结算数与pgbench事务数的{NODES}分之一(一笔结算在{NODES}个节点落盘)之比{ratio}"),
                format!(
                    "  {ratio} settlements for each {NODES} transactions of pgbench: a settlement is durable at {NODES} nodes"
                ),
            );
        }
        say(
            "\n以其一半的速度按到达,自应到时刻计时:".into(),
            "\nat half of that, by arrival, measured from the intended start:".into(),
        );
        self.held.print(common.lang);
        super::tell_broken(common, violations);
    }

    fn as_json(&self, common: &Common, violations: &[String]) -> Value {
        let Limits { flushes, transactions, pgbench } = self.limits;
        json!({
            "engine": if common.postgres.is_some() { "postgres" } else { "sqlite" },
            "clients": common.clients, "nodes": NODES,
            "machine": {
                "flushes_per_s": flushes, "transactions_per_s": transactions,
                "pgbench": pgbench.map(|pgbench| json!({"per_s": pgbench.rate, "latency_us": pgbench.latency_us})),
            },
            "most": self.most.as_json(), "half": self.held.as_json(),
            "settlements_per_transaction": self.of_transactions(), "settlements_per_flush_of_disk": self.of_flushes(),
            "settlements_per_pgbench_transaction_and_node": self.of_pgbench(),
            "violations": violations,
        })
    }
}
