//! 密钥: the SM2 keys of the nodes of a data folder. Made once, for the owner's eyes only; the key in use, the next one
//! that others are to know first, and the old one that letters on their way are still sealed for.

use crate::data_folder::{DataFolder, databases};
use anyhow::{Context, bail, ensure};
use platform::doors::NodeId;
use platform::seals::KeyPair;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 密钥: makes, shows and changes the keys by which other nodes know the nodes of a data folder.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 生成: a first key of a node, or the next one beside the key in use
    New(Of),
    /// 显示: the public keys; give them to the operators of other nodes by a way that you trust
    Show {
        /// 数据目录: the data folder
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// As X.509 PEM, for other programs
        #[arg(long)]
        pem: bool,
    },
    /// 启用: takes the next key into use, once all others know it; the node must not run
    Use(Of),
}

/// A node of a data folder.
#[derive(clap::Args)]
struct Of {
    /// 数据目录: the data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 节点: `hub`, or two digits of a province
    #[arg(long, value_name = "NODE")]
    node: String,
}

impl Of {
    fn node(&self) -> anyhow::Result<NodeId> {
        NodeId::try_from(self.node.clone()).map_err(anyhow::Error::msg)
    }
}

/// What a key of a folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The node signs with it.
    InUse,
    /// It will.
    Next,
    /// It did.
    Old,
}

impl Place {
    const ALL: [Place; 3] = [Place::InUse, Place::Next, Place::Old];

    fn file(self, data: &Path, node: NodeId) -> PathBuf {
        data.join(match self {
            Place::InUse => format!("{node}.key"),
            Place::Next => format!("{node}.key.next"),
            Place::Old => format!("{node}.key.old"),
        })
    }

    fn words(self) -> &'static str {
        match self {
            Place::InUse => "在用 in use",
            Place::Next => "待用 next",
            Place::Old => "停用 old",
        }
    }
}

/// Every key file that the nodes of a folder may have.
pub fn files(data: &Path, node: NodeId) -> impl Iterator<Item = PathBuf> {
    Place::ALL.map(|place| place.file(data, node)).into_iter()
}

/// Copies a key file into a folder, for the owner's eyes only there as well.
pub fn copy(file: &Path, to: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
    write(&to.join(file.file_name().context("a file has a name")?), &bytes)
}

/// Writes a new file that nobody but the owner can read.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let shown = file.display();
    let mut new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("failed to make {shown}: is there a key already?"))?;
    new.write_all(bytes)
        .and_then(|()| new.sync_all())
        .and_then(|()| File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all())
        .with_context(|| format!("failed to write {shown}"))
}

/// Makes a key and writes it where nobody but the owner can read it. What is there is never overwritten.
fn make(file: &Path) -> anyhow::Result<KeyPair> {
    let pair = loop {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).context("failed to draw a key: the system gives no random numbers")?;
        // Nearly every number is a key.
        if let Some(pair) = KeyPair::of_secret(&secret) {
            break pair;
        }
    };
    write(file, pair.pem().as_bytes())?;
    Ok(pair)
}

fn read(file: &Path) -> anyhow::Result<Option<KeyPair>> {
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("failed to read {shown}")),
    };
    let mode = std::fs::metadata(file)?.permissions().mode() & 0o777;
    ensure!(
        mode & 0o077 == 0,
        "failed to trust {shown}: others may read it (mode {mode:o}); run chmod 600, and make a new key if somebody has"
    );
    let pair = KeyPair::of_pem(&text);
    Ok(Some(pair.with_context(|| {
        format!("failed to understand {shown}: it is no SM2 key (PKCS#8 PEM); put its backup in place")
    })?))
}

/// The keys of a node, the one in use first. A node without any gets its first.
pub fn of_node(data: &Path, node: NodeId) -> anyhow::Result<Vec<KeyPair>> {
    let mut pairs = Vec::new();
    for place in Place::ALL {
        pairs.extend(read(&place.file(data, node))?);
        if place == Place::InUse && pairs.is_empty() {
            pairs.push(make(&place.file(data, node))?);
        }
    }
    Ok(pairs)
}

/// Makes, shows or changes.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::New(of) => new(of)?,
        What::Show { data, pem } => show(data, *pem)?,
        What::Use(of) => take_into_use(of)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn new(of: &Of) -> anyhow::Result<()> {
    let node = of.node()?;
    std::fs::create_dir_all(&of.data).with_context(|| format!("failed to make {}", of.data.display()))?;
    let first = !Place::InUse.file(&of.data, node).exists();
    let place = if first { Place::InUse } else { Place::Next };
    if place == Place::Next {
        ensure!(
            !Place::Next.file(&of.data, node).exists(),
            "failed to make another key: node {node} has a next one already; see `yidi key show`, then `yidi key use`"
        );
    }
    let pair = make(&place.file(&of.data, node))?;
    tell(node, place, &pair);
    if place == Place::Next {
        println!(
            "请对方节点先将此公钥加入peer_keys并重启,再在本节点执行yidi key use | first let the other nodes add it to \
             peer_keys and restart, then run `yidi key use` here"
        );
    }
    Ok(())
}

fn show(data: &Path, pem: bool) -> anyhow::Result<()> {
    let shown = data.display();
    let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
    for entry in std::fs::read_dir(data).with_context(|| format!("failed to read the data folder {shown}"))? {
        let name = entry?.file_name();
        let node = name.to_str().and_then(|name| name.split_once(".key")).map(|(node, _)| node.to_owned());
        nodes.extend(node.and_then(|node| NodeId::try_from(node).ok()));
    }
    if nodes.is_empty() {
        let known = databases(data).map(|known| known.len()).unwrap_or_default();
        bail!(
            "failed to find a key in {shown} ({known} databases there): run `yidi key new --data DIR --node NODE`"
        );
    }
    for node in nodes {
        for place in Place::ALL {
            match read(&place.file(data, node))? {
                Some(pair) if pem => print!("{}", pair.public().pem()),
                Some(pair) => tell(node, place, &pair),
                None => {}
            }
        }
    }
    Ok(())
}

fn tell(node: NodeId, place: Place, pair: &KeyPair) {
    println!("node {node}  {}  {}  {}", place.words(), pair.public().id(), pair.public());
}

fn take_into_use(of: &Of) -> anyhow::Result<()> {
    let node = of.node()?;
    let _lock = DataFolder::lock(&of.data)?;
    let [in_use, next, old] = Place::ALL.map(|place| place.file(&of.data, node));
    let Some(pair) = read(&next)? else {
        bail!("failed to take a key into use: node {node} has no next one; run `yidi key new` first");
    };
    // The old key is kept first, so that a node is never without one that others know.
    if in_use.exists() {
        std::fs::rename(&in_use, &old).with_context(|| format!("failed to keep {}", old.display()))?;
    }
    std::fs::rename(&next, &in_use).with_context(|| format!("failed to name {}", in_use.display()))?;
    File::open(&of.data)?.sync_all().context("failed to flush the folder")?;
    tell(node, Place::InUse, &pair);
    Ok(())
}
