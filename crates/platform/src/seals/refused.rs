//! Why a seal is refused: who must act, and how to cure it.

use crate::doors::NodeId;
use insurance::adjudication::Bilingual;
use insurance::calendar::ServiceDate;

/// Why letters are not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealRefused {
    /// There is no seal.
    Unsealed {
        /// The node that would receive them.
        here: NodeId,
    },
    /// The seal is no seal of this version.
    Unreadable {
        /// The node that would receive them.
        here: NodeId,
    },
    /// It is sealed for another node.
    ForAnother {
        /// The node that it is sealed for.
        meant: NodeId,
        /// The node that would receive them.
        here: NodeId,
    },
    /// No key of the sender is known, or not this one.
    KeyUnknown {
        /// Who says that it sends.
        from: NodeId,
        /// The name of its key.
        key: String,
        /// The node that would receive them.
        here: NodeId,
    },
    /// The last day of the key is over.
    KeyEnded {
        /// Who says that it sends.
        from: NodeId,
        /// The name of its key.
        key: String,
        /// Its last day.
        until: ServiceDate,
    },
    /// It is sealed for a key that this node does not have.
    ForAnotherKey {
        /// Who says that it sends.
        from: NodeId,
        /// The name of the key that it believes to be ours.
        key: String,
        /// The node that would receive them.
        here: NodeId,
    },
    /// The clocks of both nodes are too far apart, or the letters were held back.
    ClocksApart {
        /// Who says that it sends.
        from: NodeId,
        /// How far it is ahead of this node (s), below zero where behind.
        seconds: i64,
    },
    /// The seal is not the sender's over these letters.
    Forged {
        /// Who says that it sends.
        from: NodeId,
        /// The name of its key.
        key: String,
    },
    /// A province hands in letters that it has not written.
    NotItsOwn {
        /// Who sends.
        from: NodeId,
        /// Who has written one of them, as it says.
        written_by: NodeId,
    },
}

impl SealRefused {
    /// What is to be told, in both languages: what was found, who must act, how.
    pub fn says(&self) -> Bilingual {
        let (zh, en) = match self {
            SealRefused::Unsealed { here } => (
                format!(
                    "信件未签封,节点{here}不予接收。请发送方核对配置:为节点{here}配置peer_keys并去掉unsigned"
                ),
                format!(
                    "the letters carry no seal, and node {here} takes none without. The sender must act: set \
                     peer_keys for node {here} and remove unsigned"
                ),
            ),
            SealRefused::Unreadable { here } => (
                format!("节点{here}无法读取签封。请发送方升级到同一版本的yidi"),
                format!(
                    "node {here} cannot read the seal. The sender must act: run the same version of yidi"
                ),
            ),
            SealRefused::ForAnother { meant, here } => (
                format!("信件签封给节点{meant},却送到节点{here}。请发送方核对peers中的地址"),
                format!(
                    "the letters are sealed for node {meant} and came to node {here}. The sender must act: correct \
                     the address below peers"
                ),
            ),
            SealRefused::KeyUnknown { from, key, here } => (
                format!(
                    "节点{here}不认识节点{from}的密钥{key}。请节点{here}的管理员向节点{from}核实公钥(yidi key show)后写入peer_keys"
                ),
                format!(
                    "node {here} does not know key {key} of node {from}. The operators of node {here} must act: \
                     have the public key confirmed by node {from} (yidi key show) and write it into peer_keys"
                ),
            ),
            SealRefused::KeyEnded { from, key, until } => (
                format!("节点{from}的密钥{key}已于{until}到期。请节点{from}的管理员启用新密钥(yidi key use)"),
                format!(
                    "key {key} of node {from} was valid until {until}. The operators of node {from} must act: take \
                     the new key into use (yidi key use)"
                ),
            ),
            SealRefused::ForAnotherKey { from, key, here } => (
                format!(
                    "节点{from}按密钥{key}签封,节点{here}没有该密钥。请节点{from}的管理员核对节点{here}的公钥(yidi key show)"
                ),
                format!(
                    "node {from} has sealed for key {key}, which node {here} does not have. The operators of node \
                     {from} must act: correct the public key of node {here} (yidi key show)"
                ),
            ),
            SealRefused::ClocksApart { from, seconds } => (
                format!("节点{from}的时间与本节点相差{seconds}秒(允许300秒)。请双方管理员校准时钟(NTP)"),
                format!(
                    "the clock of node {from} differs by {seconds} s from this one (300 s are allowed). The \
                     operators of both must act: set the clocks by NTP"
                ),
            ),
            SealRefused::Forged { from, key } => (
                format!(
                    "签封不是节点{from}的密钥{key}对这些信件所作,信件可能被改动或伪造。请节点{from}核对密钥,并查明经手线路"
                ),
                format!(
                    "the seal is not that of key {key} of node {from} over these letters: they were changed or forged. \
                     Node {from} must act: compare the keys, and find out who stands on the line"
                ),
            ),
            SealRefused::NotItsOwn { from, written_by } => (
                format!(
                    "节点{from}送来署名节点{written_by}的信件,只有国家平台可以转送。请节点{from}查明来源"
                ),
                format!(
                    "node {from} hands in a letter of node {written_by}; only the hub passes letters on. Node {from} \
                     must act: find out where it comes from"
                ),
            ),
        };
        Bilingual { zh, en }
    }
}
